/** What an import takes on the disk, known before the work is done. */
import { tableFor } from '../formats/index.js'
import type { WeightFormat } from '../formats/weight-format.js'
import type { Projection } from '../graph/projection.js'
import { linearsOf, ropesOf, type ModelSpec } from '../spec/model-spec.js'

/** Graphs, tokenizer, manifest, and what alignment adds. */
const SMALL_FILES = 8 * 2 ** 20

/** At most what an import of such a model writes. */
export function importBytes(
  spec: ModelSpec,
  format: Pick<WeightFormat, 'linears' | 'table' | 'ownBasisTable'>,
  projection?: Pick<Projection, 'taps' | 'width'>,
): number {
  const { vocab, hidden, layers, maxPositions } = spec
  const [{ linears }, table] = [format, tableFor(format, spec)]
  const head = { inputs: hidden, outputs: vocab }
  const projected = (projection?.taps ?? []).map(() => ({ inputs: hidden, outputs: projection!.width }))
  const shapes = [head, ...projected, ...layers.flatMap((layer) => linearsOf(layer))]
  const weights = shapes.reduce((sum, shape) => sum + linears.bytes(shape), table.bytes({ vocab, hidden }))
  const rotary = ropesOf(spec).reduce((sum, { dims }) => sum + 4 * maxPositions * dims, 0)
  return weights + rotary + SMALL_FILES
}
