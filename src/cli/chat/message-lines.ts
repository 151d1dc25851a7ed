/**
 * Lines of input become messages. A line that ends in a backslash goes on in the next; `"""` opens a block that goes on
 * to the next `"""`.
 */
const BLOCK = '"""'

export class MessageLines {
  private readonly lines: string[] = []
  private isBlock = false

  /** Whether a message has begun and is not whole. */
  get isOpen(): boolean {
    return this.lines.length > 0 || this.isBlock
  }

  /** Takes the next line; returns the message where it is whole, else null. */
  add(line: string): string | null {
    let rest = line
    if (!this.isOpen && rest.trimStart().startsWith(BLOCK)) {
      this.isBlock = true
      rest = rest.trimStart().slice(BLOCK.length)
      if (rest === '') return null
    }
    if (this.isBlock) {
      const end = rest.trimEnd()
      if (!end.endsWith(BLOCK)) return this.keep(rest)
      this.lines.push(end.slice(0, -BLOCK.length))
      return this.take()
    }
    if (rest.endsWith('\\')) return this.keep(rest.slice(0, -1))
    this.lines.push(rest)
    return this.take()
  }

  /** The message as far as it came, and a new beginning. */
  take(): string {
    this.isBlock = false
    return this.lines.splice(0).join('\n')
  }

  private keep(line: string): null {
    this.lines.push(line)
    return null
  }
}
