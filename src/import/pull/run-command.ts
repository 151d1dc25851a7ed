/** Runs one program to its end. */
import { spawn } from 'node:child_process'

export interface CommandResult {
  /** Exit code; null where there is no such program or a signal ended it. */
  code: number | null
  found: boolean
  /** The last part of what it wrote, both streams together. */
  output: string
}

const KEPT_CHARACTERS = 20_000

/** Never rejects but for an aborted `signal`, which also ends the program. */
export function runCommand(
  command: readonly string[],
  env: NodeJS.ProcessEnv,
  signal?: AbortSignal,
): Promise<CommandResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(command[0], command.slice(1), {
      env,
      signal,
      stdio: ['ignore', 'pipe', 'pipe'],
      windowsHide: true,
    })
    let output = ''
    const keep = (text: string): void => {
      output = (output + text).slice(-KEPT_CHARACTERS)
    }
    child.stdout.setEncoding('utf8').on('data', keep)
    child.stderr.setEncoding('utf8').on('data', keep)
    child.on('error', (error: NodeJS.ErrnoException) => {
      if (signal?.aborted) reject(error)
      else resolve({ code: null, found: error.code !== 'ENOENT', output: error.message })
    })
    child.on('close', (code) => resolve({ code, found: true, output }))
  })
}
