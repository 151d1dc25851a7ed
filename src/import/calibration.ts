/**
 * Calibration: the model's own texts are run through it in fp32, layer by layer, so that its format sees what the
 * linear layers read. Of the texts only their residual streams go from layer to layer.
 */
import { columnMax, stackRows } from '../common/matrix.js'
import type { Reads } from '../formats/linear.js'
import type { Calibration, Observed } from '../formats/weight-format.js'
import { byRole, kvWidth, type LinearRole, type ModelSpec } from '../spec/model-spec.js'
import type { FusedLayer } from './fold.js'
import { LayerRunner } from './layer-runner.js'

export class CalibrationRun {
  readonly #spec: ModelSpec
  readonly #wanted: Calibration
  readonly #runner: LayerRunner
  readonly #texts: readonly Int32Array[]
  /** Of each text [N, hidden]: the residual stream before the next layer. */
  #streams: Float32Array[] = []

  private constructor(spec: ModelSpec, wanted: Calibration, runner: LayerRunner, texts: readonly Int32Array[]) {
    this.#spec = spec
    this.#wanted = wanted
    this.#runner = runner
    this.#texts = texts
  }

  /** `texts`: token ids. */
  static open(spec: ModelSpec, wanted: Calibration, texts: readonly Int32Array[]): CalibrationRun {
    const longest = Math.max(...texts.map((text) => text.length))
    return new CalibrationRun(spec, wanted, new LayerRunner(longest), texts)
  }

  /** `table` [vocab, hidden]: the embeddings as the layers will get them. */
  begin(table: Float32Array): void {
    this.#streams = this.#texts.map((text) => embedded(text, table, this.#spec))
  }

  /**
   * Runs the texts through the next layer, and then lets the format change its matrices in place. Returns what its
   * linear layers read.
   */
  async see(layer: FusedLayer, index: number): Promise<Partial<Record<LinearRole, Reads>>> {
    const spec = this.#spec.layers[index]
    const { rows, largest, balance } = this.#wanted
    const widths = byRole(spec, ({ inputs }) => inputs)
    const seen: Observed = {
      v: new Float32Array(kvWidth(spec)),
      rows: Object.fromEntries(rows.map((role) => [role, []])),
      largest: Object.fromEntries(largest.map((role) => [role, new Float32Array(widths[role])])),
    }
    for (let t = 0; t < this.#streams.length; t++) {
      const { x, taps } = await this.#runner.run(spec, layer, this.#streams[t])
      this.#streams[t] = x
      columnMax(taps.v, seen.v)
      for (const role of rows) seen.rows[role]!.push(taps[role])
      for (const role of largest) columnMax(taps[role], seen.largest[role]!)
    }
    return balance(layer, spec, seen)
  }

  /** What the head reads after the last layer; `norm`: the last norm's weight where it is not folded into the head. */
  headReads(norm: Float32Array | null): Reads {
    const { hidden, finalNorm } = this.#spec
    return {
      rows: this.#streams.map((stream) => normalize(stream, hidden, finalNorm.epsilon)),
      factors: norm ?? new Float32Array(hidden).fill(1),
    }
  }

  async close(): Promise<void> {
    await this.#runner.close()
  }
}

/** The stream before the layers [N, hidden], for `table` [vocab, hidden]. */
export function embedded(
  text: Int32Array,
  table: Float32Array,
  { hidden, embedScale }: Pick<ModelSpec, 'hidden' | 'embedScale'>,
): Float32Array {
  const rows = Array.from(text, (token) => table.subarray(token * hidden, (token + 1) * hidden))
  return stackRows(...rows).map((value) => value * embedScale)
}

/** x / rms(x) of every row: what a linear layer after a norm reads where the norm's weight is folded into it. */
export function normalize(stream: Float32Array, hidden: number, epsilon: number): Float32Array {
  const out = new Float32Array(stream.length)
  for (let start = 0; start < stream.length; start += hidden) {
    let square = 0
    for (let i = start; i < start + hidden; i++) square += stream[i] * stream[i]
    const factor = 1 / Math.sqrt(square / hidden + epsilon)
    for (let i = start; i < start + hidden; i++) out[i] = stream[i] * factor
  }
  return out
}
