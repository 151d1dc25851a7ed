/**
 * How far real steps differ from what the profile predicts, plain steps and tree steps apart. Passes in use cost other than
 * passes in calibration (caches, other load), and not by the same factor. Only the ratio of the two is used, and it moves slowly: plain steps are rare
 * while trees pay, and a machine that slows down for a second must not look like trees that are dear.
 */

/** Steps that the calibration's own ratio stands for, and most steps that are remembered. */
const PRIOR_STEPS = 20
const MEMORY_STEPS = 200
/** One observation counts at most this many times its prediction, and at least its inverse. */
const OUTLIER = 2
/** How fast an unfavourable view of trees is given up while none are tried, per plain step. */
const FORGIVENESS = 0.001

export class CostMeter {
  private plain = { factor: 1, count: PRIOR_STEPS }
  private tree = { factor: 1, count: PRIOR_STEPS }

  /** Real over predicted time of a tree step, relative to that of plain steps. */
  get treeFactor(): number {
    return this.tree.factor / this.plain.factor
  }

  observe(isTree: boolean, actualMs: number, predictedMs: number): void {
    const seen = isTree ? this.tree : this.plain
    const ratio = Math.min(OUTLIER, Math.max(1 / OUTLIER, actualMs / predictedMs))
    seen.count = Math.min(MEMORY_STEPS, seen.count + 1)
    seen.factor += (ratio - seen.factor) / seen.count
    if (!isTree && this.tree.factor > this.plain.factor) this.tree.factor += FORGIVENESS * (this.plain.factor - this.tree.factor)
  }
}
