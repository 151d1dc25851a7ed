/** What an opened engine is: its models, its device, its limits, and how its memory is shared out. */
import type { DeviceAddress } from '../runtime/binding/device.js'
import type { PassKind } from '../passes/equal-bits.js'
import type { RuntimeKind } from '../runtime/backend.js'
import type { FormatName } from '../formats/index.js'
import type { SamplingDefaults } from '../spec/sampling-defaults.js'

/**
 * How a budget of memory is shared out. Sizes in bytes are upper bounds of what the process takes beyond its idle self.
 */
export interface MemoryPlan {
  budgetBytes: number
  /** Of the target's `layers`; the others are read anew for every pass. */
  residentLayers: number
  layers: number
  /** Those of them that a GPU keeps (`deviceMemory`). */
  deviceLayers: number
  /** Nodes of all trees of a step together, and rows of one pass: trees and what fits of prompts beside them. */
  maxNodes: number
  passRows: number
  /** Rows of one pass of the draft, which is quick whatever its rows. */
  draftRows: number
  /** K/V slots of all requests together, each of at most `maxContext` tokens and a tree. */
  cells: number
  maxContext: number
  maxBatch: number
  /** What the budget is planned to go to. */
  bytes: { head: number; draft: number; kv: number; buffers: number; extra: number; layers: number }
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

/**
 * What was opened. It stays as it is for the life of the engine.
 */
export interface EngineInfo {
  /** Name the model is served under. */
  model: string
  format: FormatName
  /** Why it has this format: one sentence for people. */
  formatReason: string
  device: DeviceAddress
  runtime: RuntimeKind
  draft: string
  /** Why this one guesses: one sentence for people. */
  draftReason: string
  /** Drafts that a request may ask for by name, besides `none`. */
  drafts: readonly string[]
  maxContext: number
  /** Most requests that decode and wait together; `overloaded` is said to any more. */
  maxRequests: number
  /** Token ids go up to one less; rows of the head beyond are padding, which never comes. */
  vocabSize: number
  /** How tokens are chosen where a request says nothing, by the model's own files; empty: as for any model. */
  sampling: SamplingDefaults
  /** Whether answers may begin with thinking that is told apart, by the chat template. */
  thinks: boolean
  /** Requests that decode together, at most. */
  maxBatch: number
  /**
   * Stands for all that must agree for two engines to write the same text for a seed: the model's files, their format,
   * this package's version, the processor's instruction set.
   */
  fingerprint: string
  /**
   * Whether this processor, or GPU, passed the start-up check that equal texts have equal bits however they are
   * batched; else equality holds up to ties.
   */
  bitExact: boolean
  /**
   * On a GPU: the kinds of passes in which a row did not have the bits that it has alone; empty where `bitExact`. All
   * kinds that are used are checked: each number of rows, of slots, and of sequences in one pass.
   */
  inexactPasses?: readonly PassKind[]
  /** How the memory that `memory` allows is used; null where it was not given. */
  streamed: StreamedInfo | null
  /** Why this plan: one sentence for people. */
  plan: string
}
