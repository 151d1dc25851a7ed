/**
 * The last word on whether to speculate: what tree steps really took per token, against plain steps of the same engine.
 * Where they lose, plain decoding goes on for a while, twice as long after each lost trial; estimates cannot overrule it.
 */

/** Tree steps of one trial. */
const TRIAL_STEPS = 6
/** Plain steps after a lost trial: the first time, and at most. */
const FIRST_PAUSE = 64
const LONGEST_PAUSE = 1024
/** Share of the evidence kept per step of its kind. */
const MEMORY = 0.97

interface Evidence {
  ms: number
  tokens: number
}

export class SpeculationGate {
  private plain: Evidence = { ms: 0, tokens: 0 }
  private tree: Evidence = { ms: 0, tokens: 0 }
  private tried = 0
  private rest = 0
  private pause = FIRST_PAUSE

  /** Whether the next step may be a tree. */
  get isOpen(): boolean {
    return this.rest === 0
  }

  observe(isTree: boolean, ms: number, tokens: number): void {
    const kind = isTree ? 'tree' : 'plain'
    this[kind] = { ms: this[kind].ms * MEMORY + ms, tokens: this[kind].tokens * MEMORY + tokens }
    if (!isTree) {
      this.rest = Math.max(0, this.rest - 1)
      return
    }
    this.tried += 1
    if (this.tried < TRIAL_STEPS || this.plain.tokens === 0) return
    if (this.tree.ms * this.plain.tokens < this.plain.ms * this.tree.tokens) {
      this.pause = FIRST_PAUSE
      return
    }
    this.rest = this.pause
    this.pause = Math.min(LONGEST_PAUSE, 2 * this.pause)
    this.tree = { ms: 0, tokens: 0 }
    this.tried = 0
  }
}
