/**
 * A file of JSON lines that only grows. A process that is killed leaves whole lines and at most a torn last one, which
 * the next opening cuts off: what a line says has happened, once.
 */
import { createReadStream } from 'node:fs'
import { open, truncate, type FileHandle } from 'node:fs/promises'
import { linesOf } from './lines.js'

export class Journal {
  private last: Promise<unknown> = Promise.resolve()

  private constructor(
    readonly path: string,
    private readonly handle: FileHandle,
    private count: number,
  ) {}

  /** Opens or begins one; `visit` gets what each of its lines says. */
  static async open(path: string, visit: (entry: unknown) => void = () => undefined): Promise<Journal> {
    let whole = 0
    let count = 0
    const handle = await open(path, 'a')
    for await (const line of linesOf(createReadStream(path), Infinity)) {
      const entry = parsed(line.text)
      if (entry === undefined) break
      visit(entry)
      whole = line.offset + line.bytes + 1
      count++
    }
    // A last line that is whole but for its end counts; its end is put there.
    const { size } = await handle.stat()
    if (size < whole) await handle.write('\n')
    else if (size > whole) await truncate(path, whole)
    return new Journal(path, handle, count)
  }

  /** Lines there are. */
  get lines(): number {
    return this.count
  }

  /** Appends one line; resolves when the system has it. */
  async append(entry: object): Promise<void> {
    const text = `${JSON.stringify(entry)}\n`
    this.count++
    const written = this.last.then(() => this.handle.appendFile(text))
    this.last = written.catch(() => undefined)
    await written
  }

  /** Waits for what is being written, and for the disk. */
  async close(): Promise<void> {
    await this.last
    await this.handle.sync()
    await this.handle.close()
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
