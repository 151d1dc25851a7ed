/**
 * When to decode plainly in order to measure: whether trees pay is judged against the time of a plain step, so there
 * are two plain steps in a row after every `EVIDENCE.memory` steps with trees, and at the beginning of an engine that
 * knows nothing of it from another process. Only the second is timed: during the first the target's weights come back
 * into the processor's caches, which the draft's have filled.
 */
import { EVIDENCE } from '../strategies/policy.js'

export class PlainTurns {
  /** Steps with trees since the last two plain ones. */
  private treeSteps: number
  /** Sequences of the last step if it was plain, else 0. */
  private plainAmong = 0

  /** `isKnown`: whether something is known of what trees cost. */
  constructor(isKnown = false) {
    this.treeSteps = isKnown ? EVIDENCE.memory / 2 : EVIDENCE.memory
  }

  /** Whether the next step is to be plain. */
  get isDue(): boolean {
    return this.treeSteps >= EVIDENCE.memory
  }

  /** Whether the next step, a plain one of `among` sequences, is a second one: its time is plain decoding's. */
  tells(among: number): boolean {
    return this.plainAmong === among
  }

  saw(isPlain: boolean, among: number): void {
    if (!isPlain) this.treeSteps += 1
    else if (this.plainAmong > 0) this.treeSteps = 0
    this.plainAmong = isPlain ? among : 0
  }
}
