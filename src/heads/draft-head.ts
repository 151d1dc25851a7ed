/** What a draft head is: a small model that guesses from what its target computed, and works with that target alone. */
import type { OnProgress } from '../common/progress.js'
import type { Checkpoint } from '../checkpoint/checkpoint.js'
import type { WeightFormat } from '../formats/weight-format.js'
import type { ProjectionSource } from '../import/write-projection.js'
import type { DeviceName } from '../runtime/binding/device.js'
import type { IntegerType, ModelManifest } from '../spec/manifest.js'

export interface DraftHead {
  readonly kind: string
  /** The basis that its target's features have to be in; null: either. */
  readonly basis: WeightFormat['basis'] | null
  /** Whether a path is a file of this kind; false for whatever else it is. */
  recognizes(path: string): Promise<boolean>
  /** Throws `ModelError`: `model_not_found`, or `model_invalid` for a file that is corrupt or lacks a part. */
  open(path: string): Promise<HeadFile>
}

/** An opened file of a head. */
export interface HeadFile {
  readonly name: string
  /** File or folder. */
  readonly path: string
  /** SHA-256 of the file, hex. */
  readonly sha256: string
  /** What it makes of its target's layers; null: it reads what its target's head reads. */
  readonly projection: ProjectionSource | null
  /** The format that its own weights get for a target in a format; where it computes, `cpu` if left out. */
  formatFor(target: WeightFormat, device?: DeviceName): WeightFormat
  /** Writes its graphs and weights for a target. Throws `ModelError` where it was not trained for that one. */
  import(target: Checkpoint, options: HeadImportOptions): Promise<ModelManifest>
  close(): Promise<void>
}

export interface HeadImportOptions {
  format: WeightFormat
  /** How its whole numbers are stored; null in a format without. */
  integers: IntegerType | null
  /** For a device that holds it as a whole. A head that has no graphs for that computes on the CPU. */
  onDevice?: boolean
  /** The folder to make. */
  outDir: string
  onProgress: OnProgress
}
