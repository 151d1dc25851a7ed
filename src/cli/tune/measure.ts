/**
 * What decoding gives on this machine: prompts decoded with and without the planned tree by turns, and beside that what
 * passes timed between these answers predict for them.
 */
import type { Engine, StepEvent } from '../../api/types.js'
import type { OnProgress } from '../../common/progress.js'
import { decode } from './decode.js'

/**
 * Prompts that the measurement decodes; the first warms up and does not count. Many of them and short answers: speed
 * changes within seconds on a machine that others use.
 */
const PROMPTS = [
  'Say hello.',
  'How does rain form?',
  'Name three uses of salt.',
  'Why do leaves fall in autumn?',
  'What is a comet?',
  'Describe a quiet morning.',
  'How do I boil an egg?',
  'Give me a reason to walk more.',
  'Who was Ada Lovelace?',
  'What do bees eat?',
  'Explain what a loop is.',
  'Plan a day in a museum.',
  'How does a bicycle stay upright?',
]
/** Of an answer. */
export const TOKENS = 32
/** Rounds of timing between two turns. */
const ROUNDS = 1

/**
 * Tokens a second of the answers, prompts left out; trees: with the planned tree of the model draft, null where that is
 * plain decoding.
 */
export interface Rates {
  plain: number
  tree: number | null
}

/** Milliseconds of a step, and of it: drafting, the target's pass. What is left is planning, verifying and text. */
export interface StepTimes {
  ms: number
  draftMs: number
  targetMs: number
}

export interface Measured extends Rates {
  /** Answers that count, by each way. */
  prompts: number
  /** The tree's tokens a step. */
  tokensPerStep: number
  /** Mean context of the answers' tokens. */
  context: number
  /** What passes timed between these answers say of them: at their contexts, for as many tokens a step. */
  predicted: Rates
  /** Means of the answers' steps. */
  steps: { plain: StepTimes; tree: StepTimes | null }
}

interface Way {
  how: { draft: string; tree?: number[] }
  msPerStep(context: number): number
  tokens: number
  steps: number
  ms: number
  draftMs: number
  targetMs: number
  predictedMs: number
}

/**
 * Ways take turns answer by answer, and passes are timed before and after each turn: a machine that slows down slows
 * them all.
 */
export async function measure(engine: Engine, parents: readonly number[], onProgress: OnProgress): Promise<Measured> {
  const none = { tokens: 0, steps: 0, ms: 0, draftMs: 0, targetMs: 0, predictedMs: 0 }
  const plain: Way = {
    how: { draft: 'none' },
    msPerStep: (context) => 1000 / engine.tuning(context).plainTokensPerSecond,
    ...none,
  }
  const tree: Way | null =
    parents.length > 1
      ? {
          how: { draft: 'model', tree: [...parents] },
          msPerStep: (context) => engine.tuning(context, parents).plan.greedy.msPerStep,
          ...none,
        }
      : null
  const contexts: number[] = []
  let counted: Way | null = null
  const count = ({ draftMs, targetMs }: StepEvent): void => {
    if (!counted) return
    counted.draftMs += draftMs
    counted.targetMs += targetMs
  }
  engine.events.on('step', count)
  const text = tree ? 'decoding, plain and with the tree' : 'decoding'
  const tell = (done: number): void =>
    onProgress({ stage: 'answer', text, part: `${done} of ${PROMPTS.length} prompts`, done, total: PROMPTS.length })
  for (const [i, content] of PROMPTS.entries()) {
    tell(i)
    const answers: { way: Way; predictedMs(): number }[] = []
    for (const way of tree ? [plain, tree] : [plain]) {
      counted = i === 0 ? null : way
      const stats = await decode(engine, content, { maxTokens: TOKENS, ...way.how })
      if (i === 0) continue
      const context = Math.round(stats.promptTokens + stats.tokens / 2)
      contexts.push(context)
      way.tokens += stats.tokens
      way.steps += stats.steps
      way.ms += stats.decodeMs
      answers.push({ way, predictedMs: () => stats.steps * way.msPerStep(context) })
    }
    for (const { way, predictedMs } of answers) way.predictedMs += predictedMs() / 2
    await engine.calibrate({ rounds: ROUNDS })
    for (const { way, predictedMs } of answers) way.predictedMs += predictedMs() / 2
  }
  engine.events.off('step', count)
  tell(PROMPTS.length)
  return {
    prompts: PROMPTS.length - 1,
    plain: rate(plain.tokens, plain.ms),
    tree: tree && rate(tree.tokens, tree.ms),
    tokensPerStep: tree ? tree.tokens / tree.steps : 1,
    context: Math.round(contexts.reduce((sum, context) => sum + context) / contexts.length),
    predicted: { plain: rate(plain.tokens, plain.predictedMs), tree: tree && rate(tree.tokens, tree.predictedMs) },
    steps: { plain: stepOf(plain), tree: tree && stepOf(tree) },
  }
}

const rate = (tokens: number, ms: number): number => (1000 * tokens) / ms

function stepOf({ ms, draftMs, targetMs, steps }: Way): StepTimes {
  return { ms: ms / steps, draftMs: draftMs / steps, targetMs: targetMs / steps }
}
