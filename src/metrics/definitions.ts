/**
 * Every metric: its name (a prefix comes before it), what it says, and where its value is from. Names are those that
 * other engines use for the same thing, as far as they have one. `docs/metrics.md` publishes the list; a test holds it,
 * and the dashboard, against this one.
 */
import type { EngineStats } from '../api/types.js'

/** Read from `engine.stats()` when somebody asks; with a `label` a value for each of its values. */
export interface ReadMetric {
  kind: 'counter' | 'gauge'
  help: string
  label?: string
  read(stats: EngineStats): number | Readonly<Record<string, number>>
}

/** Fed by events. */
export interface ObservedMetric {
  kind: 'histogram'
  help: string
  buckets: readonly number[]
}

export const readMetrics = {
  requests_total: {
    kind: 'counter',
    help: 'Requests that ended, by how: stop, length, tool_calls, abort, timeout, overloaded, closed, error.',
    label: 'finished_reason',
    read: ({ requests }) => requests.ended,
  },
  num_requests_running: {
    kind: 'gauge',
    help: 'Requests that decode or read their prompt.',
    read: ({ requests }) => requests.running,
  },
  num_requests_waiting: {
    kind: 'gauge',
    help: 'Requests that wait for a place.',
    read: ({ requests }) => requests.waiting,
  },
  prompt_tokens_total: {
    kind: 'counter',
    help: 'Tokens of the prompts taken, cached ones included.',
    read: ({ promptTokens }) => promptTokens,
  },
  generation_tokens_total: {
    kind: 'counter',
    help: 'Tokens generated.',
    read: ({ generatedTokens }) => generatedTokens,
  },
  decode_passes_total: {
    kind: 'counter',
    help: 'Passes of the target that verified trees; requests share them.',
    read: ({ passes }) => passes,
  },
  decode_steps_total: {
    kind: 'counter',
    help: 'Trees verified, one for each request in a pass; plain decoding is a tree of one node.',
    read: ({ speculation }) => speculation.steps,
  },
  spec_decode_num_drafts_total: {
    kind: 'counter',
    help: 'Trees verified that held draft tokens.',
    read: ({ speculation }) => speculation.drafts,
  },
  spec_decode_num_draft_tokens_total: {
    kind: 'counter',
    help: 'Draft tokens in them: nodes, the root not counted.',
    read: ({ speculation }) => speculation.drafted,
  },
  spec_decode_num_accepted_tokens_total: {
    kind: 'counter',
    help: 'Draft tokens that became part of an answer.',
    read: ({ speculation }) => speculation.accepted,
  },
  spec_decode_num_accepted_tokens_per_pos_total: {
    kind: 'counter',
    help: 'The same by position: levels below the root, from 0.',
    label: 'position',
    read: ({ speculation }) => Object.fromEntries(speculation.acceptedPerPosition.entries()),
  },
  prefix_cache_queries_total: {
    kind: 'counter',
    help: 'Prompt tokens looked up in the prefix cache.',
    read: ({ prefixCache }) => prefixCache.queriedTokens,
  },
  prefix_cache_hits_total: {
    kind: 'counter',
    help: 'Prompt tokens found in the prefix cache.',
    read: ({ prefixCache }) => prefixCache.hitTokens,
  },
  prefix_cache_evicted_tokens_total: {
    kind: 'counter',
    help: 'Tokens dropped from the prefix cache to make room.',
    read: ({ prefixCache }) => prefixCache.evictedTokens,
  },
  prefix_cache_bytes: {
    kind: 'gauge',
    help: 'Bytes that the prefix cache holds.',
    read: ({ prefixCache }) => prefixCache.bytes,
  },
  kv_slots_used: {
    kind: 'gauge',
    help: 'Slots of the K/V cache that running requests hold.',
    read: ({ slots }) => slots.used,
  },
  kv_slots: {
    kind: 'gauge',
    help: 'Slots that the K/V cache has now; it grows and shrinks with the load.',
    read: ({ slots }) => slots.all,
  },
  kv_cache_bytes: {
    kind: 'gauge',
    help: 'Bytes of the K/V caches of all its models.',
    read: ({ slots }) => slots.bytes,
  },
  engine_time_seconds_total: {
    kind: 'counter',
    help: 'Time the engine was at work: in passes of the target, in drafting, outside of both.',
    label: 'phase',
    read: ({ time }) => ({ target: time.targetMs / 1000, draft: time.draftMs / 1000, outside: time.outsideMs / 1000 }),
  },
} satisfies Readonly<Record<string, ReadMetric>>

const LATENCY = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120]

export const observedMetrics = {
  time_to_first_token_seconds: {
    kind: 'histogram',
    help: "From a request's coming to its first token.",
    buckets: LATENCY,
  },
  inter_token_latency_seconds: {
    kind: 'histogram',
    help: 'Time between tokens of one answer, once for each token; the tokens of one step share its time.',
    buckets: [0.001, 0.002, 0.004, 0.006, 0.008, 0.01, 0.015, 0.02, 0.03, 0.05, 0.075, 0.1, 0.2, 0.5, 1, 2.5],
  },
  e2e_request_latency_seconds: {
    kind: 'histogram',
    help: "From a request's coming to its end, however it ended.",
    buckets: LATENCY,
  },
  request_queue_time_seconds: {
    kind: 'histogram',
    help: "From a request's coming to its place among those that decode.",
    buckets: LATENCY,
  },
  step_seconds: {
    kind: 'histogram',
    help: "One step: drafting, the target's pass, the walks.",
    buckets: [0.001, 0.002, 0.004, 0.008, 0.012, 0.016, 0.024, 0.032, 0.048, 0.064, 0.1, 0.2, 0.5, 1],
  },
  step_requests: { kind: 'histogram', help: 'Requests that shared a step.', buckets: [1, 2, 4, 8, 16, 32, 64] },
  spec_decode_tree_nodes: {
    kind: 'histogram',
    help: 'Nodes of a verified tree, root included; 1 is plain decoding.',
    buckets: [1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64],
  },
  spec_decode_accepted_length: {
    kind: 'histogram',
    help: 'Draft tokens accepted of a tree that held some.',
    buckets: [0, 1, 2, 3, 4, 5, 6, 8, 10, 12],
  },
} satisfies Readonly<Record<string, ObservedMetric>>
