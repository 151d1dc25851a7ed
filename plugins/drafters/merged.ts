/**
 * A model's draft and n-gram guesses together. N-grams cost nothing and are right for long where a text repeats itself:
 * where their tree promises tokens for less time, the model need not draft at all. Else the model draws its tree, and
 * guesses that are worth their row in the target's pass are hung onto it. Guesses beside draws are verified by coupling
 * alone; elsewhere a tree is of one or the other, which depends on the text so far and never on tokens drawn from q, so
 * that what is lossless for each is lossless for both.
 */
import type { Verdict } from '../../src/core/types.js'
import type { Drafter, PassingDraftSession } from '../../src/strategies/drafter.js'
import type { DrafterEntry } from '../../src/strategies/drafter-entry.js'
import type { Plan } from '../../src/strategies/plan.js'
import type { DraftTree } from '../../src/strategies/tree.js'
import type { Passes } from '../../src/passes/pass-part.js'
import { graftedTree } from './grafts.js'
import { model } from './model.js'
import { ngram, type GuessingSession } from './ngram.js'

/** Made of the engine's own two: what they learn from requests of theirs, it knows as well. */
export const merged = {
  name: 'merged',
  open: ({ opened }) => {
    const drawing = opened(model)
    return drawing && mergedDrafter(drawing, opened(ngram))
  },
} as const satisfies DrafterEntry

export function mergedDrafter(drawing: Drafter<PassingDraftSession>, guesses: Drafter<GuessingSession>): Drafter {
  return {
    name: 'merged',
    growth: drawing.growth,
    guesses: true,
    draftMs: drawing.draftMs?.bind(drawing),
    readMs: drawing.readMs?.bind(drawing),
    begin: (request) => new MergedDraft(drawing.begin(request), guesses.begin(request), request.draws === 'coupled'),
    // Both are drafters of the engine in their own right and end with it.
    dispose: async () => {},
  }
}

class MergedDraft implements PassingDraftSession {
  private isGuess = false
  /** [nodes] which node of the model's tree each was, or beyond it which guess; null where none was hung onto it. */
  private origins: Int32Array | null = null

  constructor(
    private readonly model: PassingDraftSession,
    private readonly guesses: GuessingSession,
    private readonly mayGraft: boolean,
  ) {}

  observe(features: Float32Array): void {
    this.model.observe?.(features)
  }

  async prepare(history: readonly number[]): Promise<void> {
    await this.model.prepare(history)
  }

  *draft(history: readonly number[], plan: Plan): Passes<DraftTree> {
    if (plan.guess) {
      const tree = yield* this.guesses.draft(history, { ...plan.guess, maxQRows: plan.maxQRows, among: plan.among })
      this.isGuess = tree.parents.length > 1 && (tree.msPerToken ?? Infinity) < (plan.msPerToken ?? 0)
      // Where the model rests there is no more to it.
      if (this.isGuess || (plan.maxNodes === 1 && tree.parents.length === 1)) return tree
    }
    this.isGuess = false
    this.origins = null
    const drawn = yield* this.model.draft(history, plan)
    if (!this.mayGraft || !plan.guess || drawn.parents.length === 1) return drawn
    const grafts = this.guesses.graft(drawn, plan)
    if (grafts.length === 0) return drawn
    const { tree, origins } = graftedTree(drawn, grafts)
    this.origins = origins
    return tree
  }

  commit(verdict: Verdict): void {
    if (this.isGuess) return this.guesses.commit(verdict)
    if (!this.origins) return this.model.commit(verdict)
    const path = verdict.path.map((node) => this.origins![node])
    this.model.commit({ ...verdict, path: path.slice(0, this.guesses.commitGrafts(path)) })
  }

  async save(from: number, count: number): Promise<Uint8Array | null> {
    return (await this.model.save?.(from, count)) ?? null
  }

  async restore(saved: Uint8Array, count: number): Promise<void> {
    await this.model.restore?.(saved, count)
  }

  release(): void {
    this.model.release()
    this.guesses.release()
  }
}
