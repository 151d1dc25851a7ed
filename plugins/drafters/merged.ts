/**
 * A model's draft and n-gram guesses together: in every step the tree of whichever promises tokens for less time. N-grams cost nothing and are right for
 * long where a text repeats itself; the model is right more often elsewhere. Which of the two it is depends on the text so far alone, never on tokens drawn
 * from q, so that what is lossless for each is lossless for both.
 */
import type { Verdict } from '../../src/core/types.js'
import type { Drafter, DraftSession, DraftTree, Plan } from '../../src/plugin/index.js'

export function mergedDrafter(model: Drafter, guesses: Drafter): Drafter {
  return {
    name: 'merged',
    growth: model.growth,
    guesses: true,
    draftMs: model.draftMs?.bind(model),
    begin: (request) => new MergedDraft(model.begin(request), guesses.begin(request)),
    // Both are drafters of the engine in their own right and end with it.
    dispose: async () => {},
  }
}

class MergedDraft implements DraftSession {
  private isGuess = false

  constructor(
    private readonly model: DraftSession,
    private readonly guesses: DraftSession,
  ) {}

  observe(features: Float32Array): void {
    this.model.observe?.(features)
  }

  async prepare(history: readonly number[]): Promise<void> {
    await this.model.prepare(history)
  }

  async draft(history: readonly number[], plan: Plan): Promise<DraftTree> {
    if (plan.guess) {
      const tree = await this.guesses.draft(history, { ...plan.guess, stepMs: plan.stepMs, rows: plan.rows })
      this.isGuess = tree.parents.length > 1 && (tree.msPerToken ?? Infinity) < (plan.msPerToken ?? 0)
      if (this.isGuess || plan.maxNodes === 1) return tree
    }
    this.isGuess = false
    return this.model.draft(history, plan)
  }

  commit(verdict: Verdict): void {
    ;(this.isGuess ? this.guesses : this.model).commit(verdict)
  }

  release(): void {
    this.model.release()
    this.guesses.release()
  }
}
