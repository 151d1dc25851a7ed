/** Lets the event loop serve others between two pieces of long work, once that work has held it for a while. */
import { setImmediate } from 'node:timers/promises'

/** Pieces follow one another for so long without a pause; a piece is never cut. */
const MOST_MS = 5

/** `if (turns.due) await turns.next()` between two pieces costs nothing where they are short. */
export class Turns {
  private since = performance.now()

  get due(): boolean {
    return performance.now() - this.since > MOST_MS
  }

  /** Others have had their turn until here. */
  begin(): void {
    this.since = performance.now()
  }

  /** Others have their turn. */
  async next(): Promise<void> {
    await setImmediate()
    this.begin()
  }
}
