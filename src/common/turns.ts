/** The event loop's turns in work that goes on for long: between its pieces, once it has been held for a while. */
import { setImmediate } from 'node:timers/promises'

/** Longest that pieces are done one after the other; a piece that has begun is done to its end. */
const MOST_MS = 5

/** `if (turns.due) await turns.next()` between two pieces costs nothing where they are short. */
export class Turns {
  private since = performance.now()

  get due(): boolean {
    return performance.now() - this.since > MOST_MS
  }

  /** Others have their turn. */
  async next(): Promise<void> {
    await setImmediate()
    this.since = performance.now()
  }
}
