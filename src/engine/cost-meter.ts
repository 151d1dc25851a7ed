/**
 * How far real steps differ from what the profile predicts, plain steps and tree steps apart. Passes in use cost other than
 * passes in calibration (caches, other load), and not by the same factor: only measured against each other do they tell
 * whether speculation pays here and now.
 */

/** Weight of a new observation once many were made. */
const NEWEST = 0.05
/** One observation counts at most this many times its prediction, and at least its inverse. */
const OUTLIER = 3
/** How fast an unfavourable view of trees is given up while none are tried, per plain step. */
const FORGIVENESS = 0.001

export class CostMeter {
  private plain = { factor: 1, count: 0 }
  private tree = { factor: 1, count: 0 }

  /** Real over predicted time of a tree step, relative to that of plain steps. */
  get treeFactor(): number {
    return this.tree.factor / this.plain.factor
  }

  observe(isTree: boolean, actualMs: number, predictedMs: number): void {
    const seen = isTree ? this.tree : this.plain
    const ratio = Math.min(OUTLIER, Math.max(1 / OUTLIER, actualMs / predictedMs))
    seen.count += 1
    seen.factor += Math.max(NEWEST, 1 / seen.count) * (ratio - seen.factor)
    if (!isTree && this.tree.factor > this.plain.factor) this.tree.factor += FORGIVENESS * (this.plain.factor - this.tree.factor)
  }
}
