/** A chat's input by `node:readline`: a terminal with editing and history, or lines of a pipe. */
import { createInterface, type Interface } from 'node:readline'
import type { ChatInput } from './chat-loop.js'
import { slashNames } from './slash-commands.js'

type Got = { line: string } | 'interrupt' | 'end'

export class ReadlineInput implements ChatInput {
  private readonly readline: Interface
  /** What came before somebody asked for it: a pipe has all its lines at once. */
  private readonly come: Got[] = []
  private waiting: ((got: Got) => void) | null = null
  private stop: (() => void) | null = null
  private readonly onSignal = (): void => this.interrupted()

  /** `output`: where prompts and what is typed are shown, if `input` is a terminal. */
  constructor(
    input: NodeJS.ReadStream,
    private readonly output: NodeJS.WriteStream,
    readonly isPerson: boolean = input.isTTY,
  ) {
    this.readline = createInterface({
      input,
      ...(isPerson && { output }),
      terminal: isPerson && output.isTTY,
      completer: (line: string) => [slashNames.filter((name) => line !== '' && name.startsWith(line)), line],
    })
    this.readline.on('line', (line) => this.give({ line }))
    this.readline.on('SIGINT', this.onSignal)
    this.readline.on('close', () => this.give('end'))
    // A terminal in raw mode sends no signal at Ctrl-C; somebody else still may.
    process.on('SIGINT', this.onSignal)
  }

  next(prompt: string): Promise<Got> {
    const got = this.come.shift()
    if (got !== undefined) return Promise.resolve(got)
    if (this.isPerson) {
      this.readline.setPrompt(prompt)
      this.readline.prompt()
    }
    return new Promise((resolve) => {
      this.waiting = resolve
    })
  }

  async interruptible<T>(work: Promise<T>, stop: () => void): Promise<T> {
    this.stop = stop
    try {
      return await work
    } finally {
      this.stop = null
    }
  }

  /** Gives the terminal back as it was. */
  close(): void {
    process.off('SIGINT', this.onSignal)
    this.readline.close()
  }

  private interrupted(): void {
    if (this.stop) return this.stop()
    if (this.readline.line !== '') {
      // To the end of what is typed, and all of it away.
      this.readline.write(null, { ctrl: true, name: 'e' })
      this.readline.write(null, { ctrl: true, name: 'u' })
      return
    }
    if (this.isPerson) this.output.write('\n')
    this.give('interrupt')
  }

  private give(got: Got): void {
    const taker = this.waiting
    this.waiting = null
    if (taker) taker(got)
    else this.come.push(got)
  }
}
