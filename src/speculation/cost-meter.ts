/**
 * How far real steps with trees differ from what the profile predicts, by kind, relative to plain steps of the same
 * seconds. Passes in use cost other than passes in calibration (caches, other load), and not by the same factor. What
 * trees cost moves slowly, what the machine does fast: trees must not look dear because it slowed down since the last
 * plain steps, nor cheap because it did since the last trees.
 */
import type { TreeKind } from './worth.js'

/** Steps that the calibration's own ratio stands for, and most steps that are remembered. */
const PRIOR_STEPS = 8
const MEMORY_STEPS = 200
/** Plain steps that tell how fast the machine is now. */
const RECENT_STEPS = 8
/** One observation counts at most this many times what was usual so far, and at least its inverse. */
const OUTLIER = 2
/** How fast an unfavourable view of trees is given up, per plain step. */
const FORGIVENESS = 0.0001

/** Real over predicted time, and how many steps it stands for. */
interface Seen {
  factor: number
  count: number
}

export class CostMeter {
  private readonly plain: Seen = { factor: 1, count: 0 }
  private readonly trees: Record<TreeKind, Seen> = {
    model: { factor: 1, count: PRIOR_STEPS },
    guess: { factor: 1, count: PRIOR_STEPS },
  }

  /** Real over predicted time of a step with such a tree, relative to that of plain steps. */
  treeFactor(kind: TreeKind): number {
    return this.trees[kind].factor
  }

  /** `kind` null: a plain step. */
  observe(kind: TreeKind | null, actualMs: number, predictedMs: number): void {
    const ratio = actualMs / predictedMs
    if (kind) return learn(this.trees[kind], ratio / this.plain.factor, MEMORY_STEPS)
    learn(this.plain, ratio, RECENT_STEPS)
    for (const tree of Object.values(this.trees)) if (tree.factor > 1) tree.factor += FORGIVENESS * (1 - tree.factor)
  }
}

function learn(seen: Seen, ratio: number, memory: number): void {
  const usual = Math.min(OUTLIER * seen.factor, Math.max(seen.factor / OUTLIER, ratio))
  seen.count = Math.min(memory, seen.count + 1)
  seen.factor += (usual - seen.factor) / seen.count
}
