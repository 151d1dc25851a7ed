/** The opened parts that an engine is made of, by what they are for. */
import type { Engine, EngineInfo } from '../api/types.js'
import type { Recorder } from '../observe/recorder.js'
import type { ModelRunner } from '../passes/model-runner.js'
import type { Keeper } from '../speculation/learned-keeper.js'
import type { Speculation } from '../speculation/speculation.js'
import type { TimedPasses } from '../speculation/time-passes.js'
import type { Drafter } from '../strategies/drafter.js'
import type { Verifier } from '../strategies/verifier.js'
import type { TextSource } from '../text/open-text.js'
import type { ChatTemplate, Tokenizer } from '../text/text.js'

export interface EngineParts {
  readonly info: EngineInfo
  readonly models: Models
  readonly text: TextParts
  readonly strategies: Strategies
  readonly speculation: Speculation
  readonly timing: Timing
  readonly limits: EngineLimits
  readonly recorder: Recorder
}

export interface Models {
  readonly target: ModelRunner
  /** The target over a cache for prompts alone; null where memory is for others to use. It keeps the target's clock. */
  readonly apart: ModelRunner | null
  /** Every model's runner, the target's first, and `apart`. */
  readonly runners: readonly ModelRunner[]
}

/** The target's text side. */
export interface TextParts {
  readonly tokenizer: Tokenizer
  /** The same where special tokens of calls are text. */
  readonly speaking: Tokenizer
  readonly template: ChatTemplate | null
  readonly bosToken: number | null
  /** Where a thread opens the same again; null: nowhere, so that every prompt is encoded at once. */
  readonly source: TextSource | null
  /** Tokens the model ends its answers with. */
  readonly stopTokens: readonly number[]
}

/** What requests may ask for by name. */
export interface Strategies {
  readonly drafters: ReadonlyMap<string, Drafter>
  readonly defaultDraft: string
  readonly verifiers: ReadonlyMap<string, Verifier>
}

export interface Timing {
  /** Of each model's passes. */
  readonly passes: readonly TimedPasses[]
  readonly tuning: Engine['tuning']
  /** Keeps what decoding showed. */
  readonly keeper: Pick<Keeper, 'keep' | 'keepUp'>
}

export interface EngineLimits {
  /** Most requests that decode together, and most that wait. */
  readonly maxBatch: number
  readonly maxQueue: number
  /** Most milliseconds of a request. */
  readonly timeoutMs: number | undefined
  /** Bytes of K/V rows kept of texts that ended. */
  readonly prefixCacheBytes: number
  /** K/V slots that all who decode share; null where each has as many as it needs. */
  readonly cells: number | null
}
