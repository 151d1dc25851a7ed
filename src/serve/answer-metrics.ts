/**
 * What an answer says of its own making, where the request asks: times, and what speculation gained, under the names
 * that vLLM gives them.
 */
import type { GenerateStats } from '../api/types.js'
import type { Call } from './call.js'

export interface SpeculationMetrics {
  /** Tokens that a step with a tree gives: 1 + accepted / steps. */
  mean_acceptance_length: number
  /** Accepted over drafted tokens; with trees most of these are alternatives to one another. */
  draft_acceptance_rate: number
  /** [j] steps that accepted j draft tokens. */
  acceptance_histogram: number[]
  /** Steps whose tree held draft tokens. */
  num_spec_steps: number
  num_accepted_draft_tokens: number
  num_draft_tokens: number
  /** Levels of the deepest tree: the most that one step could have accepted. */
  num_spec_tokens: number
}

export interface AnswerMetrics {
  /**
   * From the request's coming, waiting included; null where no token came. Times are left out where there are several
   * choices.
   */
  time_to_first_token_ms?: number | null
  queue_time_ms?: number
  /** From the first tokens to the last, and the mean time between two. */
  generation_time_ms?: number
  mean_itl_ms?: number | null
  tokens_per_second?: number | null
  speculative_decoding: SpeculationMetrics
}

/** What a call that asks for metrics adds to its answer; `stats` of its choices. */
export function metricsField(call: Call, stats: readonly GenerateStats[]): { metrics?: AnswerMetrics } {
  return call.includeMetrics
    ? { metrics: { ...(stats.length === 1 && times(stats[0])), speculative_decoding: speculation(stats) } }
    : {}
}

function times({
  tokens,
  queueMs,
  firstTokenMs,
  generationMs,
}: GenerateStats): Omit<AnswerMetrics, 'speculative_decoding'> {
  const isTimed = tokens > 1 && generationMs > 0
  return {
    time_to_first_token_ms: firstTokenMs,
    queue_time_ms: queueMs,
    generation_time_ms: generationMs,
    mean_itl_ms: isTimed ? generationMs / (tokens - 1) : null,
    tokens_per_second: isTimed ? (1000 * (tokens - 1)) / generationMs : null,
  }
}

function speculation(stats: readonly GenerateStats[]): SpeculationMetrics {
  const sum = (of: (one: GenerateStats) => number): number => stats.reduce((total, one) => total + of(one), 0)
  const [steps, accepted, drafted] = [
    sum(({ drafts }) => drafts),
    sum((one) => one.accepted),
    sum((one) => one.drafted),
  ]
  const lengths = Math.max(1, ...stats.map(({ acceptedLengths }) => acceptedLengths.length))
  return {
    mean_acceptance_length: steps > 0 ? 1 + accepted / steps : 1,
    draft_acceptance_rate: drafted > 0 ? accepted / drafted : 0,
    acceptance_histogram: Array.from({ length: lengths }, (_, j) =>
      sum(({ acceptedLengths }) => acceptedLengths[j] ?? 0),
    ),
    num_spec_steps: steps,
    num_accepted_draft_tokens: accepted,
    num_draft_tokens: drafted,
    num_spec_tokens: lengths - 1,
  }
}
