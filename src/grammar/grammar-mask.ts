/** A grammar as a processor: tokens that it does not allow next cannot come; when it is complete, a stop token can. */
import type { GrammarMatcher } from '@mlc-ai/web-xgrammar'
import type { Processor } from '../strategies/row-processor.js'
import type { XGrammar } from './xgrammar.js'

/**
 * The binding behind a matcher: its calls are synchronous, which a walk needs; the package's face has this one as a
 * promise only.
 */
interface Binding {
  GetNextTokenBitmask(vocabSize: number): { delete(): void }
}

export class GrammarMask implements Processor {
  /** Tokens pushed since the path left the grammar, or went on after its end: rows there are read by no walk. */
  private outside = 0

  constructor(
    private readonly library: XGrammar,
    private readonly matcher: GrammarMatcher,
    private readonly vocabSize: number,
  ) {}

  push(token: number): void {
    if (this.outside > 0 || this.matcher.isTerminated() || !this.matcher.acceptToken(token)) this.outside += 1
  }

  pop(): void {
    if (this.outside > 0) this.outside -= 1
    else this.matcher.rollBack(1)
  }

  apply(row: Float32Array): void {
    if (this.outside > 0 || this.matcher.isTerminated()) return
    const { handle } = this.matcher as unknown as { handle: Binding }
    const vector = handle.GetNextTokenBitmask(this.vocabSize)
    try {
      maskRow(row, this.library.ints(vector))
    } finally {
      vector.delete()
    }
  }

  dispose(): void {
    this.matcher.dispose()
  }
}

/** Bit i of the words says whether token i may come. */
function maskRow(row: Float32Array, words: Int32Array): void {
  for (let at = 0; at < words.length; at++) {
    const word = words[at]
    const first = at << 5
    if (word === -1) continue
    if (word === 0) {
      row.fill(-Infinity, first, first + 32)
      continue
    }
    const last = Math.min(row.length, first + 32)
    for (let token = first; token < last; token++) if (((word >>> (token & 31)) & 1) === 0) row[token] = -Infinity
  }
}
