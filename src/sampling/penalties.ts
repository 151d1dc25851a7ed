/**
 * Penalties on tokens that were there before. Repetition (arXiv 1909.05858) looks at the prompt and the answer;
 * presence and frequency, as OpenAI defines them, at the answer alone. A row costs as many operations as there are
 * distinct tokens before it.
 */
import type { Processor } from '../strategies/row-processor.js'

export interface PenaltyStrengths {
  repetitionPenalty: number
  presencePenalty: number
  frequencyPenalty: number
}

export class Penalties implements Processor {
  private readonly prompt: ReadonlySet<number>
  /** How often the answer down to here holds a token. */
  private readonly counts = new Map<number, number>()

  constructor(
    private readonly strengths: PenaltyStrengths,
    prompt: readonly number[],
  ) {
    this.prompt = new Set(strengths.repetitionPenalty === 1 ? [] : prompt)
  }

  push(token: number): void {
    this.counts.set(token, (this.counts.get(token) ?? 0) + 1)
  }

  pop(token: number): void {
    const count = this.counts.get(token)! - 1
    if (count === 0) this.counts.delete(token)
    else this.counts.set(token, count)
  }

  apply(row: Float32Array): void {
    const { repetitionPenalty, presencePenalty, frequencyPenalty } = this.strengths
    for (const token of this.prompt) scale(row, token, repetitionPenalty)
    for (const [token, count] of this.counts) {
      if (!this.prompt.has(token)) scale(row, token, repetitionPenalty)
      row[token] -= presencePenalty + frequencyPenalty * count
    }
  }
}

function scale(row: Float32Array, token: number, penalty: number): void {
  row[token] = row[token] > 0 ? row[token] / penalty : row[token] * penalty
}
