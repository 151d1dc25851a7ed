/** The engine's public surface: what a request is, what it streams back, and what opening needs. */
import type { ChatMessage, Tool, ToolPrompt } from '../text/text.js'
import type { WeightFormat } from '../spec/manifest.js'
import type { DeviceName } from '../runtime/binding/device.js'
import type { RuntimeKind } from '../runtime/forward.js'
import type { EngineEvents } from '../observe/events.js'
import type { EngineStats } from '../observe/stats.js'
import type { MemoryPlan } from '../open/memory-plan.js'
import type { Drafter } from '../strategies/strategies.js'
import type { Tuning } from '../speculation/tuning.js'
import type { ChosenLogprob, SamplingFields } from '../sampling/fields.js'

export type { ChosenLogprob, ResponseFormat, SamplingFields, TokenLogprob } from '../sampling/fields.js'

export type * from '../observe/events.js'
export type { EngineStats } from '../observe/stats.js'

export type { ChatMessage, Tool, ToolCall, ToolPrompt } from '../text/text.js'

/** What ends decoding. */
export type Ending = 'stop' | 'length' | 'abort'

/** `tool_calls`: it ended by itself, with complete calls of tools. */
export type FinishReason = Ending | 'tool_calls'

/**
 * How a tree is verified: `coupled` promises the text of plain decoding for the same seed, `sequoia` equals it in
 * distribution.
 */
export type VerifierName = 'coupled' | 'sequoia' | 'specinfer' | 'naive' | 'match' | 'traversal' | 'block'

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
  /** Raw text, no template. */
  prompt?: string
  promptTokens?: readonly number[]
  /** Most tokens to generate; default 256. */
  maxTokens?: number
  /** 0 = greedy (default). */
  temperature?: number
  topK?: number
  topP?: number
  minP?: number
  /** Integer below 2^64; left out: drawn at random. */
  seed?: number | bigint
  /** Texts that end the answer (left out of it); at most 16. */
  stop?: readonly string[]
  /** Sends the text of `prompt` or `promptTokens` ahead of the answer. */
  echo?: boolean
  signal?: AbortSignal
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
}

/**
 * One step, for people to look at. The arrays are parallel, an entry per node of its tree; node 0 is the root, parents
 * come before children.
 */
export interface StepTrace {
  /** Parent of each node; -1 for the root. */
  parents: number[]
  /** Text that each node's token stands for by itself. */
  texts: string[]
  /**
   * Probability after its parent that the target gives each node at temperature 1, before anything the request adds; 1
   * for the root.
   */
  target: number[]
  /** The same by the draft; null where it guesses without probabilities. */
  draft: (number | null)[]
  /** Nodes that the target agreed with, in order. */
  path: number[]
  /** Text of the target's own token, which follows the path. */
  next: string
  /** Milliseconds of the step, tracing left out. */
  ms: number
}

/** What one request cost and gained. */
export interface GenerateStats {
  promptTokens: number
  /** How many of them were not computed: an earlier text, or the same prompt beside it, began with them. */
  cachedTokens: number
  tokens: number
  /** Target passes after the prompt. */
  steps: number
  tokensPerStep: number
  prefillMs: number
  decodeMs: number
  /** Steps whose tree held draft tokens; [j] how many of them had j accepted, as long as the deepest tree was. */
  drafts: number
  acceptedLengths: readonly number[]
  /** Draft tokens put into trees, and how many the target agreed with. */
  drafted: number
  accepted: number
  /** Mean tree size (root included) and depth over the steps. */
  planNodes: number
  planDepth: number
  /** Share of decode time spent outside model passes, 0..1. */
  overhead: number
  /**
   * Milliseconds from its coming to its place among those that decode, and to its first tokens (null: there were none).
   */
  queueMs: number
  firstTokenMs: number | null
  /** Milliseconds from its first tokens to its last, time in which its reader did not ask included. */
  generationMs: number
}

/** A piece of a call that the answer makes. */
export interface ToolCallPart {
  /** Which of the answer's calls, from 0. */
  index: number
  /** In a call's first piece. */
  name?: string
  /** Concatenated, a JSON object as text. */
  arguments: string
}

/**
 * One piece of the stream. The last part has `finishReason` and `stats`. Texts concatenate to the answer; tokens
 * likewise.
 */
export interface GeneratePart {
  /** Whole UTF-8 characters only; may be empty. */
  text: string
  tokens: number[]
  /** Pieces of calls, in order; their text is not in `text`. */
  toolCalls?: ToolCallPart[]
  /** How many of `tokens` were draft tokens that the target accepted. */
  accepted: number
  /** One for each of `tokens`, where the request asked for them. */
  logprobs?: ChosenLogprob[]
  finishReason?: FinishReason
  /** The token that ended the answer, if one did: the last of `tokens`, without text. */
  stopToken?: number
  /** The step that these tokens are from, where the request asked for it; absent in parts that no step made. */
  trace?: StepTrace
  stats?: GenerateStats
}

export interface EngineOptions {
  /** A known name (`smollm2-135m`, `micro`), a `.gguf` file or a checkpoint folder. */
  target: string
  /** `auto` (default), `none`, `ngram`, `model` with a name or path as `model:PATH`, or just a name or path. */
  draft?: string
  /**
   * Drafters of your own: requests ask for one by its `name`, `draft` makes one the engine's. They must guess without
   * probabilities (`growth: 'deterministic'`).
   */
  drafters?: readonly Drafter[]
  /**
   * How a model draft's trees are shaped: `sequoia` (default) plans them by acceptance statistics; `dynamic` grows each
   * by the draft's own probabilities, which only verifiers that allow it can verify.
   */
  planner?: 'sequoia' | 'dynamic'
  /**
   * Who tells the model of a request's tools: `template` (default) its chat template, where that knows tools; `generic`
   * the system turn, for models whose template does not.
   */
  toolPrompt?: ToolPrompt
  /** Default `w8a8`; on `cuda` `fp16`, the only one there. On a CPU `fp16` is `fp32` with weights of half the size. */
  format?: WeightFormat
  /**
   * Where passes of the target compute. `cuda`: the first NVIDIA GPU, layer by layer, each copied there while the one
   * before computes; needs `memory`, which then bounds what lies beside the GPU, and ONNX Runtime's CUDA libraries
   * (`docs/gpu.md`). Default `cpu`.
   */
  device?: DeviceName
  runtime?: 'auto' | 'binding' | 'portable'
  threads?: number
  /** Longest prompt + answer in tokens; default: what the model was trained for. */
  maxContext?: number
  /** Requests that decode together, at most; others wait. From 1 to 64, default 8. */
  maxBatch?: number
  /**
   * Most bytes that all K/V caches may ever take: `maxBatch` requests of `maxContext` tokens must fit, so that nothing
   * runs out in the middle of an answer. Where `maxBatch` is left out it follows from this. Default: no limit.
   */
  kvBytes?: number
  /**
   * Bytes of K/V rows kept of texts that ended, so that prompts which begin alike are not computed again. 0: none.
   * Default: 128 MiB where equal tokens have equal bits (`info.bitExact`), else none.
   */
  prefixCacheBytes?: number
  /**
   * Most memory that weights, K/V caches, draft and buffers may take together, beyond the process without them: bytes,
   * or a size such as `'2GB'`. Where the target's weights do not fit, layers are read from disk for every pass, with
   * the same answers (`docs/memory.md`). Default: no limit.
   */
  memory?: number | string
  /**
   * Keeps the last so many tokens of answers (at most 16 bytes each, taken at open; the oldest go first) for n-grams to
   * guess from: a question asked again is answered in fewer steps. Texts stay what they are, but how fast one comes,
   * and in how many parts, then tells whether another like it was given before; so only for clients that may know that
   * of each other. Default: none kept.
   */
  pastOutputs?: { maxTokens: number }
  /** Requests that may wait; more are refused with `overloaded`. Default 64. */
  maxQueue?: number
  /**
   * Most milliseconds that any request may take, waiting included; a request's own `timeoutMs` can only be shorter.
   * Default: no limit.
   */
  timeoutMs?: number
  /** Overrides the cache folder (default: the platform's user cache folder + `sequoia-onnx`). */
  cacheDir?: string
  /** Receives progress of pulling, importing and calibrating, one line each. */
  onProgress?: (line: string) => void
}

/** What is read for every pass, and what the budget goes to. */
export interface StreamedInfo extends MemoryPlan {
  /**
   * Whether layers are read into memory one by one, from disk or as they lie in it; else the whole model is in memory
   * as it always is.
   */
  isStreamed: boolean
  /** Read from disk for every pass: 0 where all layers stay in memory. */
  bytesPerPass: number
  /**
   * What the process took before weights, caches and buffers: Node, ONNX Runtime, the tokenizer. The budget comes on
   * top.
   */
  idleBytes: number
}

export interface EngineInfo {
  /** Name the model is served under. */
  model: string
  format: WeightFormat
  device: DeviceName
  runtime: RuntimeKind
  draft: string
  /** Drafts that a request may ask for by name, besides `none`. */
  drafts: readonly string[]
  maxContext: number
  vocabSize: number
  /**
   * Whether this processor passed the start-up check that equal texts have equal bits however they are batched; else
   * equality holds up to ties.
   */
  bitExact: boolean
  /** How the memory that `memory` allows is used; null where it was not given. */
  streamed: StreamedInfo | null
  /** Why this plan: one sentence for people. */
  plan: string
}

export interface Engine {
  readonly info: EngineInfo
  /**
   * Streams one answer. Throws `InvalidArgumentError` (naming the field) before the first part for a bad request,
   * `SequoiaError('context_overflow')` for a prompt that cannot fit, `SequoiaError('overloaded')` when the queue is
   * full; at any time `SequoiaError('timeout')` at the deadline and `SequoiaError('closed')` when the engine is closed.
   * Leaving the loop early, aborting `signal` and the deadline free everything the request held within a step, even
   * while its reader does not read.
   */
  generate(request: GenerateRequest): AsyncIterable<GeneratePart>
  /** Cache slots in use now and in all; requests running and waiting. Idle means 0 used. */
  usage(): { slotsUsed: number; slots: number; running: number; waiting: number }
  /**
   * What keeps it from answering, and looks first whether that has been put right; null where nothing does. The files
   * of a model whose weights are streamed may be damaged or go away while it runs: requests under way then fail with
   * this error.
   */
  fault(): Promise<Error | null>
  /** Token ids of a prompt as the model reads it: templated, with what the model wants put before it. */
  encode(request: Pick<GenerateRequest, 'messages' | 'tools' | 'toolChoice' | 'prompt'>): number[]
  /**
   * What calibration measured on this machine, and what the planner makes of it at a context of so many tokens (default
   * 256); `parents`: what this tree takes and brings, greedy, in place of the planner's.
   */
  tuning(context?: number, parents?: readonly number[]): Tuning
  /**
   * Times passes anew, in a few seconds in which no request begins, for plans from then on and for engines opened
   * later: where the machine is no longer what it was. `rounds`, 1 to 1000: passes of each size that count, default 5;
   * where it is given, the times are this engine's alone. Throws `SequoiaError('overloaded')` while requests run.
   */
  calibrate(options?: { rounds?: number }): Promise<void>
  /** What was done since the engine was opened. */
  stats(): EngineStats
  /**
   * `engine.events.on('step', ({ ms, shares }) => ...)`: what happens as it happens. Nothing is made for events that
   * nobody listens to.
   */
  readonly events: EngineEvents
  /**
   * Takes no new requests, waits for those that run or wait, and gives back the models. Requests that are not done
   * after `drainMs` milliseconds (default: however long it takes; 0: at once) are stopped within a step and fail with
   * `SequoiaError('closed')`. May be called again to be less patient.
   */
  close(options?: { drainMs?: number }): Promise<void>
}
