/** One request: what is asked of the model, and how its answer is decoded. */
import type { VerifierName as BuiltInVerifier } from '../../plugins/verifiers/index.js'
import type { SamplingFields } from '../sampling/sampling-fields.js'
import type { TemplateInput } from '../text/template-input.js'
import type { ChatMessage, Tool } from '../text/text.js'

/**
 * How a tree is verified: `coupled` promises the text of plain decoding for the same seed, `sequoia` equals it in
 * distribution. One of `plugins/verifiers/`, or of the engine's own (`EngineOptions.verifiers`).
 */
export type VerifierName = BuiltInVerifier | (string & Record<never, never>)

/** `interactive`: somebody waits for it. `batch`: it may begin when nobody else waits. */
export type Urgency = 'interactive' | 'batch'

/**
 * One request. An unknown field, or a value out of range, is refused with `InvalidArgumentError` that names it. Where
 * `info.sampling` states a field, that is its default.
 */
export interface GenerateRequest extends SamplingFields {
  /** Chat turns, rendered with the model's template. Exactly one of `messages`, `prompt`, `promptTokens`. */
  messages?: readonly ChatMessage[]
  /** Functions that the model may call; `messages` only. Names and arguments of its calls always keep to them. */
  tools?: readonly Tool[]
  /**
   * `auto` (default): text or calls; `required`: calls; one tool's name: a call of that one; `none`: text, as without
   * tools.
   */
  toolChoice?: 'auto' | 'none' | 'required' | { name: string }
  /** Whether an answer may have several calls; default true. */
  parallelToolCalls?: boolean
  /**
   * Values that the chat template reads besides, JSON: `{ enable_thinking: false }` keeps Qwen 3 from thinking. They go
   * before the engine's own.
   */
  chatTemplateKwargs?: TemplateInput
  /** Raw text, no template. */
  prompt?: string
  /** Token ids, taken as they are. */
  promptTokens?: readonly number[]
  /** Most tokens to generate; default 256. */
  maxTokens?: number
  /** 0 = greedy (default). */
  temperature?: number
  /** Only so many of the likeliest tokens may come; 0 (default): all. */
  topK?: number
  /** Only the likeliest tokens that together have this probability may come; 1 (default): all. */
  topP?: number
  /** Only tokens at least this part as likely as the likeliest may come; 0 (default): all. */
  minP?: number
  /** Integer below 2^64; left out: drawn at random. */
  seed?: number | bigint
  /** Texts that end the answer (left out of it); at most 16. */
  stop?: readonly string[]
  /** Sends the text of `prompt` or `promptTokens` ahead of the answer. */
  echo?: boolean
  /** Ends the answer with `finishReason: 'abort'`. */
  signal?: AbortSignal
  /**
   * Called once all of the request has been checked, its grammar compiled, and it only waits for its turn: it can no
   * longer fail with `InvalidArgumentError` or `context_overflow`.
   */
  onAccepted?: () => void
  /**
   * Milliseconds from the call to the end of the answer, waiting included; what is not done by then fails with
   * `timeout`. The engine's own `timeoutMs` holds beside it.
   */
  timeoutMs?: number
  /** Draft used for this request; `none` is plain decoding through the same code. Default: the engine's. */
  draft?: string
  /** Default `coupled`. */
  verifier?: VerifierName
  /**
   * Most nodes of a tree of this request, root included; 1 is plain decoding. Default: what the planner finds worth it.
   */
  maxNodes?: number
  /** Pins the tree shape (parent index per node, -1 first) instead of planning; for tests and experiments. */
  tree?: readonly number[]
  /** Adds to each part what its step looked like. Costs some time outside the figures that it reports. */
  trace?: boolean
  /** Whose request it is, as a name of the host's: those who wait take turns by it. Default: one and the same. */
  caller?: string
  /** Default `interactive`. */
  urgency?: Urgency
  /**
   * Name of the conversation it is part of. Behind a queue the requests of one go to the worker that read the last;
   * in one engine they meet in its prefix cache by their tokens, name or not.
   */
  session?: string
  /** Name of the client's request that it is part of, for logs and traces; the answers of one share it. */
  requestId?: string
  /**
   * The answer's first tokens, which were made before: it goes on behind them, and they are not sent again. With the
   * same seed the rest is what it would have been.
   */
  resume?: readonly number[]
}
