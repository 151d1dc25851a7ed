/** A grammar that holds from where the model's thinking ends; until then it may think, but not end the answer. */
import type { Processor } from '../strategies/row-processor.js'
import type { ThinkingMarks, Tokenizer } from '../text/text.js'
import { nextPlace, type ThinkingPlace } from '../text/thinking.js'

export class AfterThinking implements Processor {
  /** Where the answer was ahead of each token pushed, and whether the grammar was told of it. */
  private readonly path: { place: ThinkingPlace; isTold: boolean }[] = []

  constructor(
    private readonly grammar: Processor,
    private readonly marks: ThinkingMarks,
    private place: ThinkingPlace,
    private readonly tokenizer: Tokenizer,
    private readonly stopTokens: readonly number[],
  ) {}

  push(token: number): void {
    const place = this.place
    this.place = nextPlace(place, token, this.marks, this.tokenizer)
    const isTold = place === 'after' || (place === 'before' && this.place !== 'inside')
    this.path.push({ place, isTold })
    if (isTold) this.grammar.push(token)
  }

  pop(token: number): void {
    const { place, isTold } = this.path.pop()!
    this.place = place
    if (isTold) this.grammar.pop(token)
  }

  apply(row: Float32Array): void {
    if (this.place === 'inside') {
      for (const token of this.stopTokens) row[token] = -Infinity
      return
    }
    const thinks = row[this.marks.open]
    this.grammar.apply(row)
    if (this.place === 'before') row[this.marks.open] = thinks
  }
}
