/**
 * Calibration: the model's own texts are run through it in fp32, layer by layer, so that its format sees what the
 * linear layers read. Of the texts only their residual streams go from layer to layer. Large layers are run in a thread
 * of their own: the one before is written, and the next one read, meanwhile.
 */
import { AskedThread } from '../common/asked-thread.js'
import { stackRows } from '../common/matrix.js'
import { startThread } from '../common/start-thread.js'
import type { Reads, SeenRows } from '../formats/linear.js'
import type { Calibration } from '../formats/weight-format.js'
import { silenceTelemetry } from '../runtime/onnxruntime.js'
import { errorOfData } from '../spec/error-data.js'
import { RuntimeError } from '../spec/errors.js'
import { linearsOf, type LayerSpec, type LinearRole, type ModelSpec } from '../spec/model-spec.js'
import type { FusedLayer } from './fold.js'
import { LayerRunner } from './layer-runner.js'
import type { LayerAnswer, LayerWorkerData } from './layer-worker.js'
import { memoryOf, seeLayer, type LayerToSee, type SeenLayer } from './see-layer.js'

/** Weights of a layer from which on a thread is worth its start: texts take a tenth of a second through so many. */
const APART_FROM = 2 ** 20

/** A layer that was seen, as it is to be written. */
export interface CalibratedLayer {
  layer: FusedLayer
  /** What its linear layers read. */
  reads: Partial<Record<LinearRole, Reads>>
  /** Of each text [N, hidden]: the residual stream after it. */
  streams: Float32Array[]
}

export class CalibrationRun {
  readonly #spec: ModelSpec
  readonly #wanted: Calibration
  readonly #passes: Passes
  readonly #texts: readonly Int32Array[]
  /** Of each text [N, hidden]: the residual stream before the next layer. */
  #streams: Float32Array[] = []

  private constructor(spec: ModelSpec, wanted: Calibration, passes: Passes, texts: readonly Int32Array[]) {
    this.#spec = spec
    this.#wanted = wanted
    this.#passes = passes
    this.#texts = texts
  }

  /** `texts`: token ids. */
  static open(spec: ModelSpec, wanted: Calibration, texts: readonly Int32Array[]): CalibrationRun {
    const longest = Math.max(...texts.map((text) => text.length))
    const isLarge = Math.max(...spec.layers.map(weightsOf)) >= APART_FROM
    return new CalibrationRun(spec, wanted, isLarge ? passesApart(longest) : passesHere(longest), texts)
  }

  /** `table` [vocab, hidden]: the embeddings as the layers will get them. */
  begin(table: Float32Array): void {
    this.#streams = this.#texts.map((text) => embedded(text, table, this.#spec))
  }

  /** `streams` of each text [N, hidden], after the layers that were seen before. */
  goOn(streams: Float32Array[]): void {
    this.#streams = streams
  }

  /**
   * Runs the texts through the next layer, and then lets the format change its matrices. Until then nobody else may
   * use them: they are in another thread's hands, and come back as other arrays.
   */
  async see(layer: FusedLayer, index: number): Promise<CalibratedLayer> {
    const spec = this.#spec.layers[index]
    const { rows, largest, balance } = this.#wanted
    const after = await this.#passes.see({ spec, layer, streams: this.#streams, wanted: { rows, largest } })
    this.#streams = after.streams
    return { layer: after.layer, reads: balance(after.layer, spec, after.seen), streams: after.streams }
  }

  /** What the head reads after the last layer; `norm`: the last norm's weight where it is not folded into the head. */
  headReads(norm: Float32Array | null): SeenRows {
    const { hidden, finalNorm } = this.#spec
    return {
      rows: this.#streams.map((stream) => normalize(stream, hidden, finalNorm.epsilon)),
      factors: norm ?? new Float32Array(hidden).fill(1),
    }
  }

  async close(): Promise<void> {
    await this.#passes.close()
  }
}

/** Where layers are run. */
interface Passes {
  see(layer: LayerToSee): Promise<SeenLayer>
  close(): Promise<void>
}

function passesHere(positions: number): Passes {
  const runner = new LayerRunner(positions)
  return { see: (layer) => seeLayer(runner, layer), close: () => runner.close() }
}

function passesApart(positions: number): Passes {
  const workerData: LayerWorkerData = { positions }
  const thread = new AskedThread<LayerToSee, LayerAnswer>({
    start: async () => {
      // A thread cannot: the library reads the process's own environment.
      silenceTelemetry()
      return startThread(import.meta.url, 'layer-worker', { workerData, name: 'sequoia calibration' })
    },
    closed: () => new RuntimeError('the import was ended'),
    ended: (cause) => new RuntimeError(`the thread of the calibration passes ended: ${String(cause)}`, { cause }),
  })
  return {
    async see(layer) {
      const answer = await thread.ask(layer, memoryOf({ layer: layer.layer, streams: [] }))
      if ('error' in answer) throw errorOfData(answer.error)
      return answer
    },
    close: () => thread.close(),
  }
}

/** Values of a layer's matrices. */
export function weightsOf(layer: LayerSpec): number {
  return linearsOf(layer).reduce((sum, { inputs, outputs }) => sum + inputs * outputs, 0)
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
