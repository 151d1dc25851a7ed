/**
 * How far real steps with trees differ from what the profile predicts, by kind, relative to plain steps of the same
 * seconds:
 *
 *     plain     = mean over the last 8 plain steps of actualMs / predictedMs
 *     factor[k] = mean over the last 100 steps with trees of kind k of (actualMs / predictedMs) / plain
 *
 * Passes in use cost other than passes that are timed, and what trees cost moves slowly, what the machine does fast:
 * trees must not look dear because it slowed down since the last plain steps, nor cheap because it did since the last
 * trees. While no trees are tried, factor -= forgiveness (factor - 1) at each plain step where it is above 1. Until
 * there was a plain step to compare them with, trees tell nothing.
 */
import { EVIDENCE, TREES } from '../strategies/policy.js'
import type { TreeKind } from './state.js'

/** Real over predicted time, and how many steps it stands for. */
export interface Mean {
  factor: number
  count: number
}

export class CostMeter {
  private readonly plain: Mean = { factor: 1, count: 0 }
  readonly trees: Readonly<Record<TreeKind, Mean>>

  /** `trees`: what another process found. */
  constructor(trees: Partial<Record<TreeKind, Mean>> = {}) {
    const first = { factor: 1, count: EVIDENCE.recent }
    this.trees = { model: { ...first, ...trees.model }, guess: { ...first, ...trees.guess } }
  }

  /** factor[kind] */
  treeFactor(kind: TreeKind): number {
    return this.trees[kind].factor
  }

  /** `kind` null: a plain step. */
  observe(kind: TreeKind | null, actualMs: number, predictedMs: number): void {
    const ratio = actualMs / predictedMs
    if (kind && this.plain.count === 0) return
    if (kind) return add(this.trees[kind], ratio / this.plain.factor, EVIDENCE.memory)
    add(this.plain, ratio, EVIDENCE.recent)
    for (const tree of Object.values(this.trees))
      if (tree.factor > 1) tree.factor += TREES.forgiveness * (1 - tree.factor)
  }

  /** Predictions have changed: of plain steps to so many times what they were, of trees as the kind says. */
  rebase(plain: number, trees: Readonly<Partial<Record<TreeKind, number>>>): void {
    this.plain.factor /= plain
    this.trees.model.factor *= plain / (trees.model ?? plain)
    this.trees.guess.factor *= plain / (trees.guess ?? plain)
  }
}

/** One disturbed step moves a mean by no more than `EVIDENCE.outlier` allows. */
function add(mean: Mean, ratio: number, memory: number): void {
  const bounded = Math.min(EVIDENCE.outlier * mean.factor, Math.max(mean.factor / EVIDENCE.outlier, ratio))
  mean.count = Math.min(memory, mean.count + 1)
  mean.factor += (bounded - mean.factor) / mean.count
}
