/** What every command file exports. */
import type { Flags } from './flags.js'

export interface Command {
  readonly name: string
  /** One line for the list of commands. */
  readonly summary: string
  /** How it is called, without the program's name. */
  readonly usage: string
  readonly flags: Flags
  /** Runs to the end; resolves with the exit code. Throws `SequoiaError` for people to read. */
  run(argv: readonly string[]): Promise<number>
}
