/**
 * Keeps an answer within lengths that its grammar does not count: tokens that would go beyond one are masked. A string
 * at its longest can always be closed, and one that is too short can always go on, so no mask is ever empty for it.
 */
import type { Counter } from './json-counter.js'
import type { TokenTable } from './token-table.js'

export class LengthMask {
  private readonly path: Counter[]
  private readonly scratch: Counter

  constructor(
    start: Counter,
    private readonly table: TokenTable,
  ) {
    this.path = [start]
    this.scratch = start.copy()
  }

  push(token: number): void {
    const next = this.path[this.path.length - 1].copy()
    const { bytes, starts } = this.table
    for (let at = starts[token]; at < starts[token + 1]; at++) next.push(bytes[at])
    this.path.push(next)
  }

  pop(): void {
    this.path.pop()
  }

  /** `row`: float32 [vocab]; what the grammar has masked already is not looked at. */
  apply(row: Float32Array): void {
    const now = this.path[this.path.length - 1]
    if (now.isIdle) return
    const { room } = now
    const { longest, closing } = this.table
    if (room === null) {
      for (let token = 0; token < row.length; token++) this.check(row, token, now)
      return
    }
    for (let i = 0; i < longest.length && this.table.inside[longest[i]] > room; i++) row[longest[i]] = -Infinity
    for (const token of closing) this.check(row, token, now)
  }

  private check(row: Float32Array, token: number, now: Counter): void {
    if (row[token] === -Infinity) return
    const { bytes, starts } = this.table
    const { scratch } = this
    scratch.become(now)
    for (let at = starts[token]; at < starts[token + 1]; at++)
      if (!scratch.push(bytes[at])) {
        row[token] = -Infinity
        return
      }
  }
}
