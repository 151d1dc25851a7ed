/**
 * Text that streams to a terminal, broken between words: a word is held back until it has ended. Code between fences
 * is left to the terminal, so that what is copied from there has its own lines.
 */
import stringWidth from 'string-width'
import { NARROWEST } from './wrapped.js'

/** Scripts without spaces: a terminal may break them anywhere, and nothing is to be waited for. */
const UNSPACED = /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Thai}\p{sc=Lao}\p{sc=Khmer}\p{sc=Myanmar}]/u

export class WordWrap {
  /** What is held back: spaces, and the word behind them. Escape sequences are part of words and take no room. */
  private gap = ''
  private word = ''
  /** Of the cursor. */
  private column = 0
  private isCode = false

  /** `stream.columns` is undefined where it is no terminal: text then passes as it is. */
  constructor(private readonly stream: Pick<NodeJS.WriteStream, 'write' | 'columns'>) {}

  add(text: string): void {
    const { columns } = this.stream
    if (columns === undefined || columns < NARROWEST) {
      this.end()
      if (text !== '') this.stream.write(text)
      return
    }
    for (const [run] of text.matchAll(/\n| +|[^ \n]+/g)) {
      if (run === '\n') this.endLine()
      else if (run.startsWith(' ')) {
        this.flush(columns)
        this.gap += run
      } else {
        this.word += run
        if (UNSPACED.test(run)) this.flush(columns)
      }
    }
  }

  /** Writes what is held back. */
  end(): void {
    this.flush(this.stream.columns ?? Infinity)
    if (this.gap !== '') this.stream.write(this.gap)
    this.gap = ''
  }

  private flush(columns: number): void {
    if (this.word === '') return
    const width = stringWidth(this.word)
    if (this.column === 0 && stringWidth(this.gap) === 0 && this.word.includes('```')) this.isCode = !this.isCode
    const breaks = this.column > 0 && !this.isCode && this.column + this.gap.length + width > columns
    this.stream.write(`${breaks ? '\n' : this.gap}${this.word}`)
    this.column = breaks ? width : this.column + this.gap.length + width
    // What the terminal broke itself.
    if (this.column > columns) this.column %= columns
    this.gap = ''
    this.word = ''
  }

  private endLine(): void {
    this.end()
    this.stream.write('\n')
    this.column = 0
  }
}
