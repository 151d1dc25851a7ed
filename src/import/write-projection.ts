/** The projection that a draft reads its target's layers by, from the draft's file into the target's graphs. */
import { scaleColumns } from '../common/matrix.js'
import type { LinearKind } from '../formats/linear.js'
import type { Projection, StoredProjection } from '../graph/projection.js'
import type { IntegerType } from '../spec/manifest.js'
import type { ModelSpec } from '../spec/model-spec.js'
import type { Rotation } from './rotation.js'
import type { WeightFile } from './weight-file.js'

/** Where a projection is read from. */
export interface ProjectionSource {
  /** Of the draft's file: targets that are imported for different drafts lie side by side. */
  readonly sha256: string
  /** What it is for a target. Throws `ModelError` where it is another target's. */
  of(target: ModelSpec): ReadProjection
}

export interface ReadProjection extends Projection {
  /** Matrix of a tap [width, hidden]. */
  read(tap: number): Promise<Float32Array>
  /** The norm's weights for a tap [hidden]; null without a norm. */
  readNorm(tap: number): Promise<Float32Array | null>
}

export interface ProjectionTarget {
  file: WeightFile
  linears: LinearKind
  integers: IntegerType | null
  /** Of the target's stream, where it is rotated. */
  rotation: Rotation | null
}

/** Writes it; the norm's weights and the stream's rotation become part of the matrices. */
export async function writeProjection(
  { taps, width, norm, read, readNorm }: ReadProjection,
  hidden: number,
  { file, linears, integers, rotation }: ProjectionTarget,
): Promise<StoredProjection> {
  const stored = []
  for (const tap of taps.keys()) {
    const matrix = await read(tap)
    const weights = await readNorm(tap)
    if (weights) scaleColumns(matrix, weights)
    rotation?.apply(matrix)
    const shape = { inputs: hidden, outputs: width }
    stored.push(await linears.write({ file, integers, reads: null }, `projection${tap}`, matrix, shape))
  }
  const normed = norm === null ? 0 : norm.over === 'all' ? taps.length * hidden : hidden
  const ones =
    normed === 0 ? null : await file.add('projection_norm', 'float32', [normed], new Float32Array(normed).fill(1))
  return { taps, width, norm, linears: stored, ones }
}
