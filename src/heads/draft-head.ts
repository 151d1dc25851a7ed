/** What a draft head is: a small model that guesses from what its target computed, and works with that target alone. */
import type { OnProgress } from '../common/progress.js'
import type { Checkpoint } from '../checkpoint/checkpoint.js'
import type { IntegerType, ModelManifest } from '../spec/manifest.js'
import type { ModelSpec } from '../spec/model-spec.js'

export interface DraftHead {
  readonly kind: string
  /** Whether a path is a file of this kind; false for whatever else it is. */
  recognizes(path: string): Promise<boolean>
  /** What it reads of its target's passes. */
  needs(target: ModelSpec): HeadNeeds
  /** Throws `ModelError`: `model_not_found`, or `model_invalid` for a file that is corrupt or lacks a part. */
  open(path: string): Promise<HeadFile>
}

export interface HeadNeeds {
  /** Numbers a row that the target's output `hidden` has for it. */
  width: number
}

/** An opened file of a head. */
export interface HeadFile {
  readonly name: string
  /** SHA-256 of the file, hex. */
  readonly sha256: string
  /** Writes its graphs and weights for a target. Throws `ModelError` where it was not trained for that one. */
  import(target: Checkpoint, options: HeadImportOptions): Promise<ModelManifest>
  close(): Promise<void>
}

export interface HeadImportOptions {
  integers: IntegerType
  /** The folder to make. */
  outDir: string
  onProgress: OnProgress
}
