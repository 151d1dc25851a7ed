/**
 * What import writes beside the graph (`sequoia.json`): everything the engine must know of a model without opening the
 * source again.
 */

import type { ModelSpec } from './model-spec.js'
import type { SamplingDefaults } from './sampling-defaults.js'

/**
 * How whole numbers are stored, in linear weights and in V: as they are, or as uint8 around 128. The products are the
 * same integers; which of the two a CPU multiplies exactly differs (`checkIntegerMatmul`).
 */
export type IntegerType = 'int8' | 'uint8'

/** Tokenizer data in the shape of Hugging Face's `tokenizer.json` and `tokenizer_config.json`. */
export interface TokenizerFiles {
  tokenizer: Record<string, unknown>
  config: Record<string, unknown>
}

/** In float32, or in halves. */
export const KV_FORMATS = ['f32', 'f16'] as const
/** How K is cached. */
export type KvFormat = (typeof KV_FORMATS)[number]

/** One imported model in the cache folder. Paths are relative to the manifest's folder. */
export interface ModelManifest {
  /** Version of the graph contract and of this file; another version is imported again. */
  version: number
  name: string
  /** Name of its weight format (`src/formats/index.ts`). */
  format: string
  /** How its whole numbers are stored; null in a format without. */
  integers: IntegerType | null
  /** How its V caches are stored: as its integers, or as floats in formats without and in draft heads. */
  vType: IntegerType | 'float32' | 'float16'
  /**
   * Of a model for a device that holds the whole of it: its graphs have caches [B, S, row] of this type, and heads in
   * the checkpoint's order.
   */
  device?: { cache: 'float32' | 'float16' }
  /** How K is cached beside V in whole numbers; float32 where it is left out. */
  kType?: 'float16'
  spec: ModelSpec
  /** Ids that end a text (eos, end of turn). */
  stopTokens: number[]
  /** Token put before raw text, if the model wants one. */
  bosToken: number | null
  chatTemplate: string | null
  /** How tokens are chosen where a request says nothing; left out where the source states nothing of it. */
  sampling?: SamplingDefaults
  /** SHA-256 over the token table (id, bytes, kind): two models with the same value may be paired. */
  tokenizerHash: string
  /** Licence and origin as the source states them. */
  license: string | null
  source: { path: string; sha256: string }
  /**
   * By role (`src/import/import-files.ts` says who reads which). `graph` takes any number of sequences; `single` takes
   * one (no inputs `group_rows`, `ungroup_rows`) and is faster. `long`: the same two for passes with rows at position
   * 1,024 and beyond. `streamed`: the model cut into a layer and a head, the place of each layer's weights, and a graph
   * that copies them to a device. `embedded`: graphs with embeddings as an input, and the place of their table.
   */
  files: {
    graph: string
    single: string
    weights: string[]
    tokenizer: string
    long?: { graph: string; single: string }
    streamed?: { layer: string; singleLayer: string; head: string; layout: string; upload?: string }
    embedded?: { graph: string; single: string; table: string }
  }
  /** Size and SHA-256 of each of these files, by name. */
  checks: Record<string, { bytes: number; sha256: string }>
  /**
   * The graphs' output `hidden` (what the head reads): null where they have none; in the checkpoint's own basis after
   * the final norm; or 'rotated', x / rms(x) R without the norm's weight (R is `Rotation` of `import/rotation.ts` for
   * this hidden size). 'projected': what a draft makes of several layers' outputs, or of its own.
   */
  hidden: 'checkpoint' | 'rotated' | 'projected' | null
  /** Numbers a row that its passes read as the input `features` and leave as the output `hidden`; 0: none. */
  features: { read: number; written: number }
  /**
   * Acceptance measured for this model as a draft, [level][rank], if it ships one; the last level serves all deeper
   * ones.
   */
  acceptance?: { target: string; greedy: number[][]; sampled: number[][] }
  /** Token that stands for one not written yet, in drafts that guess several tokens in one pass (PARD). */
  standIn?: number
  /** Layers whose outputs a target's `hidden` is made of, where it is projected. */
  taps?: number[]
  /** Of a draft head that reads layers of its target. */
  reads?: ReadLayers
}

/** Which layers a draft head reads, and how well that fits. */
export interface ReadLayers {
  /** Layers by number from 0, whose outputs are read; -1: the embeddings. */
  layers: number[]
  /** How its configuration counts: ids name what goes into a layer, or what comes out of it. */
  rule: 'input' | 'output'
  /**
   * Share of a text's tokens at which its likeliest guess is its target's likeliest token, with layers read so many
   * places on; null where a place has no layers.
   */
  agreement: { shift: number; share: number | null }[]
}
