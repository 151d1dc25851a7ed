/** Masks: tokens that cannot come get a logit of -infinity. */
import type { Processor } from '../strategies/row-processor.js'

export function bannedTokens(banned: readonly number[]): Processor {
  return {
    push() {},
    pop() {},
    apply: (row) => ban(row, banned),
  }
}

export function allowedTokens(allowed: readonly number[]): Processor {
  const kept = new Float32Array(allowed.length)
  return {
    push() {},
    pop() {},
    apply(row) {
      allowed.forEach((token, i) => (kept[i] = row[token]))
      row.fill(-Infinity)
      allowed.forEach((token, i) => (row[token] = kept[i]))
    },
  }
}

/**
 * Bans stop tokens until the answer has `least` tokens, unless nothing else is left: an answer that is complete ends.
 */
export class MinTokens implements Processor {
  private length = 0
  private readonly kept: Float32Array

  constructor(
    private readonly least: number,
    private readonly stopTokens: readonly number[],
  ) {
    this.kept = new Float32Array(stopTokens.length)
  }

  push(): void {
    this.length += 1
  }

  pop(): void {
    this.length -= 1
  }

  apply(row: Float32Array): void {
    if (this.length >= this.least) return
    this.stopTokens.forEach((token, i) => (this.kept[i] = row[token]))
    ban(row, this.stopTokens)
    if (isEmpty(row)) this.stopTokens.forEach((token, i) => (row[token] = this.kept[i]))
  }
}

/** Whether no token of this row can come. */
export function isEmpty(row: Float32Array): boolean {
  for (let token = 0; token < row.length; token++) if (row[token] > -Infinity) return false
  return true
}

function ban(row: Float32Array, tokens: readonly number[]): void {
  for (const token of tokens) row[token] = -Infinity
}
