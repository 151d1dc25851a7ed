/** A grammar as a processor: tokens that it does not allow next cannot come; when it is complete, a stop token can. */
import { InvalidArgumentError } from '../spec/errors.js'
import type { Processor } from '../strategies/row-processor.js'
import type { LengthMask } from './length-mask.js'
import type { Matcher, XGrammar } from './xgrammar.js'

/** Work of one mask or one step, in calls and turns of loops (`metered.ts`): some 20 ms. */
const MOST_WORK = 3_000_000

export interface GrammarMaskOptions {
  library: XGrammar
  matcher: Matcher
  vocabSize: number
  /** Lengths that the grammar does not count. */
  lengths: LengthMask | null
  /** The field that asked for the grammar. */
  param: string
}

export class GrammarMask implements Processor {
  /** Tokens pushed since the path left the grammar or went on after its end. No walk reads rows there. */
  private outside = 0

  constructor(private readonly options: GrammarMaskOptions) {}

  push(token: number): void {
    const { matcher, lengths } = this.options
    lengths?.push(token)
    if (this.outside > 0 || matcher.isTerminated() || !this.bounded(() => matcher.acceptToken(token))) this.outside += 1
  }

  pop(): void {
    this.options.lengths?.pop()
    if (this.outside > 0) this.outside -= 1
    else this.bounded(() => this.options.matcher.rollBack(1))
  }

  /** Throws `InvalidArgumentError` where the mask would take too long: a grammar may be written so that it does. */
  apply(row: Float32Array): void {
    const { library, matcher, vocabSize, lengths } = this.options
    if (this.outside > 0 || matcher.isTerminated()) return
    const vector = this.bounded(() => matcher.handle.GetNextTokenBitmask(vocabSize))
    try {
      maskRow(row, library.ints(vector))
    } finally {
      vector.delete()
    }
    lengths?.apply(row)
  }

  dispose(): void {
    const { library, matcher } = this.options
    // An instance that ran out of work is lost with all that is in it.
    if (library.fuel() > 0) matcher.dispose()
  }

  private bounded<T>(work: () => T): T {
    const { library } = this.options
    if (library.fuel() <= 0) throw this.tooSlow()
    library.refuel(MOST_WORK)
    try {
      return work()
    } catch (error) {
      throw library.fuel() <= 0 ? this.tooSlow() : error
    }
  }

  private tooSlow(): InvalidArgumentError {
    const { param } = this.options
    return new InvalidArgumentError(
      param,
      `${param} cannot be used: which tokens may come next takes too long to find at this point of the answer; ` +
        'write the grammar so that fewer rules can go on at once: no repetition directly inside another, ' +
        'and classes of characters ([a-z]{1,9}) in place of rules under a count',
    )
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
