/** Tokens one after another, with what parsers ask of them. */
import type { Token, TokenKind } from './lexer.js'
import { TemplateError } from './values.js'

const END: Token = { kind: 'end', value: '', line: 0 }

export class TokenReader {
  private at = 0
  constructor(private readonly tokens: readonly Token[]) {}

  get done(): boolean {
    return this.at >= this.tokens.length
  }

  get current(): Token {
    return this.tokens[this.at] ?? END
  }

  get following(): Token {
    return this.tokens[this.at + 1] ?? END
  }

  next(): Token {
    const token = this.current
    this.at++
    return token
  }

  is(kind: TokenKind, value?: string): boolean {
    const { current } = this
    return !this.done && current.kind === kind && (value === undefined || current.value === value)
  }

  isWord(...words: string[]): boolean {
    return this.is('name') && words.includes(this.current.value)
  }

  isOperator(...operators: string[]): boolean {
    return this.is('operator') && operators.includes(this.current.value)
  }

  /** Moves past the operator if it is here. */
  skip(operator: string): boolean {
    if (!this.isOperator(operator)) return false
    this.at++
    return true
  }

  skipWord(word: string): boolean {
    if (!this.isWord(word)) return false
    this.at++
    return true
  }

  expect(kind: TokenKind, value?: string): Token {
    if (!this.is(kind, value)) this.fail(`expected ${value === undefined ? kind : JSON.stringify(value)}`)
    return this.next()
  }

  /** A name, with others after dots. */
  dotted(): string {
    let name = this.expect('name').value
    while (this.skip('.')) name += `.${this.expect('name').value}`
    return name
  }

  /** Parts with commas between them, and perhaps one at the end, up to `close`. */
  list<T>(close: string, one: () => T): T[] {
    const items: T[] = []
    while (!this.isOperator(close)) {
      if (items.length > 0) this.expect('operator', ',')
      if (this.isOperator(close)) break
      items.push(one())
    }
    this.next()
    return items
  }

  /** `token`: the one at fault, if it is not the current one. */
  fail(message: string, token = this.current): never {
    const where = token === END ? 'at its end' : `line ${token.line}, at ${JSON.stringify(token.value.slice(0, 40))}`
    throw new TemplateError(`${where}: ${message}`)
  }
}
