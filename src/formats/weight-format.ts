/** What a weight format is: how weights are stored and multiplied, and what that asks of import and runtime. */
import type { DeviceName } from '../runtime/binding/device.js'
import type { IntegerType } from '../spec/manifest.js'
import type { LayerSpec, LinearRole, ModelSpec, NormPlace } from '../spec/model-spec.js'
import type { LinearKind, Reads, SeenRows } from './linear.js'
import type { TableKind } from './table.js'

export interface WeightFormat {
  readonly name: string
  /** Raised where import writes other files in this format alone; those of before are then imported anew. */
  readonly revision?: number
  /** In place of `revision` for models whose layers have norms behind branches (`hasOwnBasis`). */
  readonly ownBasisRevision?: number
  /** Where it can compute. */
  readonly devices: readonly DeviceName[]
  /** Where it is taken when nobody says which. */
  readonly usualOn: readonly DeviceName[]
  /** Whether a layer's weights may come as inputs, read from disk when they are needed. */
  readonly streams: boolean
  /**
   * Whether values between the norms are float16 on a device that holds the whole model, K and V among them; else all
   * are float32.
   */
  readonly halves?: boolean
  /** Whether a row gets the same bits alone and in company, where the machine's integers are exact. */
  readonly exact: boolean
  /**
   * The basis that the residual stream is computed in: the checkpoint's own, or rotated with the norms' weights folded
   * into the linear layers that read them (for models that may be).
   */
  readonly basis: 'checkpoint' | 'rotated'
  /** The basis that drafts read features in, where it is not the stream's: a pass turns them at its end. */
  readonly featureBasis?: 'rotated'
  /** Whole numbers, for a format that rounds to them: V is cached as such, and attention sums over slots exactly. */
  readonly integers: IntegerChoice | null
  /**
   * Rows that a pass has at least on this machine, so that all passes go through the same kernels; 1 if left out. A
   * shorter pass is filled up with its own row. What the machine's check finds is kept in `cacheDir`.
   */
  leastRows?(cacheDir?: string): Promise<number>
  /** What is to be seen of a layer's activations before it is written; null: nothing. */
  readonly calibration: Calibration | null
  /** Of the layers and of the head. */
  readonly linears: LinearKind
  readonly table: TableKind
  /** In place of `table` for models whose layers have norms behind branches (`hasOwnBasis`). */
  readonly ownBasisTable?: TableKind
  /** Why it cannot hold a model; null where it can. */
  refuses(spec: ModelSpec): string | null
  /** Whether it is to be taken in place of the usual format where nobody says which, and why or why not. */
  suits?(source: SourceFacts, machine: MachineFacts): Verdict
}

/** What is known of a source before it is imported. */
export interface SourceFacts {
  /** Values of its matrices, embeddings included. */
  weights: number
  /** 0 .. 1: those of them that a 4-bit kind holds. */
  fourBitShare: number
}

export interface MachineFacts {
  /** As `process.arch`. */
  arch: string
  /** Instruction sets beyond the processor's usual one; null where the system does not tell. */
  extensions: readonly string[] | null
  /** What this process may take. */
  memoryBytes: number
}

export interface Verdict {
  fits: boolean
  /** Whether the usual format does not fit in memory, so that a draft is no reason for it. */
  isNeeded?: boolean
  /** The rest of a sentence that begins with a format's name and a colon. */
  why: string
}

/** How whole numbers are stored, which decides whether a machine multiplies them exactly. */
export interface IntegerChoice {
  /** What suits this machine, by a check whose findings are kept in `cacheDir`. */
  best(cacheDir?: string): Promise<IntegerType>
  areExact(type: IntegerType): Promise<boolean>
  /** Whether the probabilities of all rows are kept to more than a u8; else those of rows far into a text. */
  allFine?: boolean
}

export interface Calibration {
  /** Linear layers whose input rows are kept, and those of which the largest input of each channel is. */
  readonly rows: readonly LinearRole[]
  readonly largest: readonly LinearRole[]
  /**
   * Makes a layer fit to be rounded, by what was seen: changes its matrices in place, results in fp32 unchanged but for
   * V, which comes out in the cache's whole steps. Returns what its linear layers then read.
   */
  balance(layer: LayerMatrices, spec: LayerSpec, seen: Observed): Partial<Record<LinearRole, Reads>>
  /**
   * The same of the head, where the last norm keeps its weight: changes both in place, results in fp32 unchanged.
   * `reads`: what the head read before. Null: nothing is stated of what it then reads.
   */
  balanceHead?(head: HeadMatrices, spec: LayerSpec, reads: SeenRows): Reads | null
}

/** The head float32 [vocab, hidden] and the weight of the norm before it, [hidden]. */
export interface HeadMatrices {
  matrix: Float32Array
  norm: Float32Array
}

/** float32 [outputs, inputs] each. */
export interface LayerMatrices extends Record<LinearRole, Float32Array> {
  /** [outputs], of linear layers that have one. */
  biases: Partial<Record<LinearRole, Float32Array>>
  /** [hidden], of norms that the layer has. */
  norms: Partial<Record<NormPlace, Float32Array>>
  /** [kvHeads * headDim] steps of V's channels, where V does not come out of its projection in the cache's steps. */
  vSteps?: Float32Array
}

/** What texts showed of one layer in fp32. */
export interface Observed {
  /** [kvHeads * headDim] max |v| of each channel. */
  v: Float32Array
  /** One [N, inputs] a text. */
  rows: Partial<Record<LinearRole, Float32Array[]>>
  /** [inputs] max |input| of each channel. */
  largest: Partial<Record<LinearRole, Float32Array>>
}
