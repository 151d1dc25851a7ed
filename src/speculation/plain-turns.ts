/**
 * Two plain steps in a row, now and then: what trees cost is measured beside them. The second one tells, since the
 * first has still to bring the target's weights back into the processor's caches. An engine begins with them.
 */
import { PLAIN_TURNS } from '../strategies/policy.js'

export class PlainTurns {
  /** Steps with trees since the last two plain ones. */
  private treeSteps: number = PLAIN_TURNS.every
  /** Sequences of the last step if it was plain, else 0. */
  private plainAmong = 0

  /** Whether the next step is to be plain. */
  get isDue(): boolean {
    return this.treeSteps >= PLAIN_TURNS.every
  }

  /** Whether the time of a plain step of so many sequences, the next one, says what plain decoding costs. */
  tells(among: number): boolean {
    return this.plainAmong === among
  }

  saw(isPlain: boolean, among: number): void {
    if (!isPlain) this.treeSteps += 1
    else if (this.plainAmong > 0) this.treeSteps = 0
    this.plainAmong = isPlain ? among : 0
  }
}
