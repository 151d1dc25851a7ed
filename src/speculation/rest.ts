/**
 * How long a sequence that got no tree goes without thinking of one. Where passes are short, thinking takes a share of
 * them; so rests double, 1, 2, 4, ... steps, up to thinkingMs / (idle * plainMs): thinking in
 * vain takes no more of the time than losses are paid off with.
 */
import { EVIDENCE, PLANNING } from '../strategies/policy.js'

export class Rest {
  private steps = 0
  private until = 0

  /** Whether it may think of a tree in the step after so many. */
  isOver(steps: number): boolean {
    return steps >= this.until
  }

  hadTree(): void {
    this.steps = 0
  }

  /** After so many steps, it thought of a tree and had none; `plainMs`: a plain step's. */
  hadNone(steps: number, plainMs: number): void {
    if (steps <= this.until) return
    const most = Math.floor(PLANNING.thinkingMs / (EVIDENCE.idle * plainMs))
    this.steps = Math.min(most, Math.max(1, 2 * this.steps))
    this.until = steps + this.steps
  }
}
