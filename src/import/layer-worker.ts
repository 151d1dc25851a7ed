/** The thread that `CalibrationRun` starts: layers in, what texts show of them out, one after the other. */
import { parentPort, workerData } from 'node:worker_threads'
import { errorData, type ErrorData } from '../spec/error-data.js'
import { LayerRunner } from './layer-runner.js'
import { memoryOf, seeLayer, type LayerToSee, type SeenLayer } from './see-layer.js'

export interface LayerWorkerData {
  /** Tokens of the longest text. */
  positions: number
}

export type LayerAnswer = { id: number } & (SeenLayer | { error: ErrorData })

const { positions } = workerData as LayerWorkerData
const runner = new LayerRunner(positions)
let last = Promise.resolve()

async function answer({ id, ...question }: LayerToSee & { id: number }): Promise<void> {
  try {
    const seen = await seeLayer(runner, question)
    parentPort!.postMessage({ id, ...seen }, memoryOf(seen))
  } catch (error) {
    parentPort!.postMessage({ id, error: errorData(error) })
  }
}

parentPort!.on('message', (question: LayerToSee & { id: number }) => {
  last = last.then(() => answer(question))
})
