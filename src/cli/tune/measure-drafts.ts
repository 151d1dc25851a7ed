/**
 * What each draft of an engine brings: calibration texts' questions answered by each in turns, plainly among them,
 * greedy and at a temperature. A machine that slows down slows all of them, and all answers to a question are alike.
 */
import type { Engine, GenerateStats } from '../../api/types.js'
import type { OnProgress } from '../../common/progress.js'
import { calibrationQuestions } from '../../import/calibration-texts.js'
import { decode } from './decode.js'

/** Questions that count. One more before them warms up, and lets the engine learn how each draft is accepted. */
export const QUESTIONS = 6
/** Of an answer. */
export const TOKENS = 48
export const TEMPERATURES = { greedy: 0, sampled: 0.8 } as const
const KINDS = ['greedy', 'sampled'] as const

/** Of all answers at one temperature. `ratio`: times plain decoding. */
export interface DraftRate {
  tokensPerStep: number
  msPerToken: number
  ratio: number
}

export interface DraftRates {
  /** As requests ask for it. */
  draft: string
  greedy: DraftRate
  sampled: DraftRate
}

interface Total {
  tokens: number
  steps: number
  ms: number
}

/**
 * `drafts`: as requests ask for them; `none`, which others are compared with, is measured first. `count`: questions.
 */
export async function measureDrafts(
  engine: Engine,
  drafts: readonly string[],
  onProgress: OnProgress,
  count = QUESTIONS,
): Promise<DraftRates[]> {
  const ways = ['none', ...drafts]
  const totals = ways.map(() => ({ greedy: { tokens: 0, steps: 0, ms: 0 }, sampled: { tokens: 0, steps: 0, ms: 0 } }))
  const questions = calibrationQuestions().slice(0, count + 1)
  const text = `decoding with ${engine.info.draft}, ${ways.length - 1} ways beside plain`
  const tell = (done: number): void =>
    onProgress({ stage: 'answer', text, part: `${done} of ${questions.length} texts`, done, total: questions.length })
  for (const [i, question] of questions.entries()) {
    tell(i)
    for (const kind of KINDS)
      for (const [way, draft] of ways.entries()) {
        const how = { draft, temperature: TEMPERATURES[kind], seed: i, maxTokens: TOKENS }
        const stats = await decode(engine, question, how)
        if (i > 0) add(totals[way][kind], stats)
      }
  }
  tell(questions.length)
  return totals.map((total, way) => ({
    draft: ways[way],
    greedy: rateOf(total.greedy, totals[0].greedy),
    sampled: rateOf(total.sampled, totals[0].sampled),
  }))
}

function add(total: Total, { tokens, steps, decodeMs }: GenerateStats): void {
  total.tokens += tokens
  total.steps += steps
  total.ms += decodeMs
}

function rateOf({ tokens, steps, ms }: Total, plain: Total): DraftRate {
  const msPerToken = ms / tokens
  return { tokensPerStep: tokens / steps, msPerToken, ratio: plain.ms / plain.tokens / msPerToken }
}
