/** What an engine is opened with. */
import type { OnProgress } from '../common/progress.js'
import type { DeviceAddress } from '../runtime/binding/device.js'
import type { FormatName } from '../formats/index.js'
import type { PlannerName } from '../../plugins/planners/index.js'
import type { Drafter } from '../strategies/drafter.js'
import type { KvFormat } from '../spec/manifest.js'
import type { Planner } from '../strategies/planner.js'
import type { Verifier } from '../strategies/verifier.js'
import type { TemplateInput } from '../text/template-input.js'
import type { ToolPrompt } from '../text/text.js'

/**
 * What `openEngine` takes. An unknown or impossible option is refused with `InvalidArgumentError`.
 */
export interface EngineOptions {
  /** A known name (`smollm2-135m`, `micro`), a `.gguf` file or a checkpoint folder. */
  target: string
  /**
   * `auto` (default), `none`, `ngram`, `model` with a name or path as `model:PATH`, or just a name or path. `auto`
   * takes what `sequoia tune --draft all` found best here; where that was not run, what ships for the target, else a
   * much smaller pulled model with its tokens, else n-grams (`docs/drafts.md`); `info.draftReason` says why.
   */
  draft?: string
  /**
   * Drafters of your own: requests ask for one by its `name`, `draft` makes one the engine's. They must guess without
   * probabilities (`growth: 'deterministic'`).
   */
  drafters?: readonly Drafter[]
  /**
   * How a model draft's trees are shaped: `sequoia` (default) plans them by acceptance statistics; `dynamic` grows each
   * by the draft's own probabilities, which only verifiers that allow it can verify. Or one of `planners`.
   */
  planner?: PlannerName | (string & Record<never, never>)
  /** Planners of your own: `planner` asks for one by its `name`. */
  planners?: readonly Planner[]
  /** Verifiers of your own: requests ask for one by its `name`. What they promise of the text is theirs to keep. */
  verifiers?: readonly Verifier[]
  /**
   * Who tells the model of a request's tools: `template` (default) its chat template, where that knows tools; `generic`
   * the system turn, for models whose template does not.
   */
  toolPrompt?: ToolPrompt
  /** Values that the chat template reads besides, for every request: `{ enable_thinking: false }`. */
  chatTemplateKwargs?: TemplateInput
  /**
   * How tokens are chosen where a request says nothing: `model` (default) as the model's files state it
   * (`generation_config.json`, `general.sampling.*` of a GGUF file), `none` alike for every model.
   */
  samplingDefaults?: 'model' | 'none'
  /**
   * `auto` (default): by the draft, the source's bits, memory and instruction set, and by what `sequoia tune --format
   * all` measured; `info.formatReason` says why (`docs/formats.md`). On `cuda` `fp16`; `fp32` and `q4` compute there
   * too. On a CPU `fp16` is `fp32` with weights of half the size.
   */
  format?: 'auto' | FormatName
  /**
   * How K is kept of every token: `f32` (default), or `f16`, halves, with which a token takes three fifths of the
   * memory. For formats that keep V in whole numbers (`w8a8`, `q4`); not with `memory`.
   */
  kv?: KvFormat
  /**
   * Where the models compute. `cuda`, `cuda:1`: an NVIDIA GPU, which holds a target that has room there as a whole, K/V
   * rows included, and the model that drafts for it. With `memory`, which then bounds what lies beside the GPU, layers
   * are streamed: each is copied there while the one before computes. `auto`: a GPU where one works, else the CPU.
   * Default `cpu`. `docs/gpu.md` says what it takes.
   */
  device?: DeviceAddress | 'auto'
  /**
   * Most of a GPU's memory that the models may take: bytes, or a size such as `'12GB'`. With `memory`, as many layers
   * stay there as it has room for. Default: nine tenths of what is free at open; with `memory`, what two layers take.
   */
  deviceMemory?: number | string
  /**
   * Whether a GPU records passes of one sequence as CUDA graphs, one for each number of rows and length, and replays
   * them. Refused where a check at open finds that replays change a bit of the logits. Default false.
   */
  cudaGraphs?: boolean
  /**
   * `binding`: ONNX Runtime's C API, K/V rows written in place, off the event loop. `portable`: its JavaScript API,
   * slower. `auto` (default): the binding where it loads.
   */
  runtime?: 'auto' | 'binding' | 'portable'
  /** Threads that compute; default: the cores that this process may use, at most 8. */
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
  /**
   * Told how far pulling, importing and timing are, where a first opening has to: often, so keep it short. Default: one
   * line on standard error, where that is a terminal.
   */
  onProgress?: OnProgress
}
