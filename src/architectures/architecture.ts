/** What a model family is: how its configuration becomes a `ModelSpec`, and what its files call the tensors. */
import type { RowOrder } from '../checkpoint/stored-tensor.js'
import type { ModelSpec } from '../spec/model-spec.js'
import type { ConfigReader, FileKind } from './config-reader.js'

export interface Architecture {
  readonly name: string
  /** Values of `model_type` in `config.json`. */
  readonly huggingFace: readonly string[]
  /** Value of `general.architecture`; null where GGUF files of it are not read. */
  readonly gguf: string | null
  /** Throws `ModelError` for a value that it cannot express. */
  spec(read: ConfigReader): ModelSpec
  /** Where each tensor of `canonicalTensors(spec)` lies in a file. */
  tensors(spec: ModelSpec, from: FileKind): readonly TensorSpec[]
  /**
   * Where models that do more than read text are read as well: what `tensors` calls the tensor that a folder has under
   * a name; null: it is not for text, and is left out.
   */
  textName?(name: string): string | null
  /** Published models that may draft for larger ones, the smallest first. */
  readonly smaller?: readonly SmallerModel[]
}

/** A small published model with the tokens of its larger siblings. */
export interface SmallerModel {
  /** What `sequoia pull` calls it. */
  name: string
  /** Rows of its embedding; those of its siblings are as many, or padded to a few more. */
  vocab: number
  /** Values of its matrices. */
  weights: number
}

export interface TensorSpec {
  /** Canonical name (`canonicalTensors`). */
  name: string
  /** Outermost first. */
  shape: readonly number[]
  /** Its name in the file. */
  fileName: string
  /** Where the file has one tensor for several: this one's first row in it, and the rows of all. */
  within?: { firstRow: number; rows: number }
  /** Where each row of the file goes, for those that the file keeps in another order. */
  order?: RowOrder
  /** Added to every value. */
  plus?: number
}
