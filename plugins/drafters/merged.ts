/**
 * A model's draft and n-gram guesses together: in every step the tree of whichever promises tokens for less time. N-grams cost nothing and are right for
 * long where a text repeats itself; the model is right more often elsewhere. Which of the two it is depends on the text so far alone, never on tokens drawn
 * from q, so that what is lossless for each is lossless for both.
 */
import type { Verdict } from '../../src/core/types.js'
import type { Drafter, DraftTree, PassingDraftSession, Plan } from '../../src/plugin/index.js'
import type { Passes } from '../../src/plugin/run-together.js'

export function mergedDrafter(model: Drafter<PassingDraftSession>, guesses: Drafter<PassingDraftSession>): Drafter {
  return {
    name: 'merged',
    growth: model.growth,
    guesses: true,
    draftMs: model.draftMs?.bind(model),
    readMs: model.readMs?.bind(model),
    begin: (request) => new MergedDraft(model.begin(request), guesses.begin(request)),
    // Both are drafters of the engine in their own right and end with it.
    dispose: async () => {},
  }
}

class MergedDraft implements PassingDraftSession {
  private isGuess = false

  constructor(
    private readonly model: PassingDraftSession,
    private readonly guesses: PassingDraftSession,
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
      if (this.isGuess) return tree
    }
    this.isGuess = false
    return yield* this.model.draft(history, plan)
  }

  commit(verdict: Verdict): void {
    ;(this.isGuess ? this.guesses : this.model).commit(verdict)
  }

  release(): void {
    this.model.release()
    this.guesses.release()
  }
}
