/** Public entry `sequoia-onnx/queue`: engines behind a queue, for more than one machine (`docs/scale.md`). */
export { remoteEngine, type RemoteEngine, type RemoteEngineOptions } from './remote-engine.js'
export { servedModels } from './served-models.js'
export { watchModels, type ModelsWatchOptions } from './watch-models.js'
export { worker, type QueueWorker, type WorkerOptions } from './worker.js'
