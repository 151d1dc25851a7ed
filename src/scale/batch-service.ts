/** Files and batches of one process: a folder, a queue that goes on after a restart, and the gateways that answer. */
import { constants } from 'node:fs'
import { access } from 'node:fs/promises'
import { join } from 'node:path'
import type { Generates } from '../api/generates.js'
import { makeFolder } from '../common/make-folder.js'
import { createGateway, type Gateway } from '../serve/index.js'
import { StorageError } from '../spec/errors.js'
import { batchApi, type BatchApi } from './batch-api.js'
import { BatchQueue } from './batches/batch-queue.js'
import { FolderBatches } from './batches/folder-batches.js'
import { gatewayAnswer } from './batches/gateway-answer.js'
import { FolderFiles } from './files/folder-files.js'

/** What batches ask for, and where their files lie. */
export interface BatchServiceOptions {
  /** The models that batches may ask for, and the names that they go by; read anew for each request. */
  models: readonly { engine: Generates; name?: string; aliases?: readonly string[] }[]
  /**
   * Folder for files and batches; made where it is not there. Processes may share one: one of them runs the batches,
   * all show them, and another goes on 12 s after that one died at most.
   */
  dataDir: string
  /** Most bytes of an uploaded file; default 200 MB. */
  mostFileBytes?: number
  /** Told of failures that are nobody's request's; default: printed on standard error. */
  onError?: (error: unknown) => void
}

/** Files and batches that are open; their routes answer for it. */
export interface BatchService {
  readonly api: BatchApi
  /** Stops between two answers; the next opening of the folder goes on. The engines stay open. */
  close(): Promise<void>
}

const SWEEP_EVERY_MS = 60 * 60_000

/**
 * Opens files and batches over a folder, and takes up what an earlier process left. Throws `InvalidArgumentError`
 * where a name or an alias is empty.
 *
 * ```ts
 * const batches = await openBatches({ models: [{ engine }], dataDir: './data' })
 * app.use('/v1', batchRoutes({ batches }), sequoia({ engine }))
 * ```
 */
export async function openBatches(options: BatchServiceOptions): Promise<BatchService> {
  const { models, dataDir, mostFileBytes, onError = (error) => console.error('sequoia:', error) } = options
  const [filesIn, batchesIn] = [join(dataDir, 'files'), join(dataDir, 'batches')]
  await assertWritable(filesIn)
  await assertWritable(batchesIn)
  const files = new FolderFiles(filesIn)
  const batches = new FolderBatches(batchesIn)
  const made = new WeakMap<(typeof models)[number], Gateway>()
  const gateways = (): Gateway[] =>
    models.map((model) => {
      const { engine, name, aliases } = model
      const gateway = made.get(model) ?? createGateway({ engine, name, aliases, onError })
      made.set(model, gateway)
      return gateway
    })
  // A wrong name is told now.
  gateways()
  // One place stays free for whoever sits before a screen.
  const width = (): number => Math.max(...models.map(({ engine }) => placesOf(engine))) - 1
  const queue = BatchQueue.open({ files, batches, ...gatewayAnswer(gateways), width, onError })
  const sweep = setInterval(() => void files.sweep().catch(onError), SWEEP_EVERY_MS)
  sweep.unref()
  return {
    api: batchApi({ files, queue, mostFileBytes }),
    close: async () => {
      clearInterval(sweep)
      await queue.close()
    },
  }
}

/** Requests that are answered at once: by one engine, or by all workers of a queue that there are now. */
function placesOf(engine: Generates): number {
  return engine.queue?.().places ?? engine.info.maxBatch
}

/** Told at the start: else the first client that uploads a file finds it out. */
async function assertWritable(folder: string): Promise<void> {
  try {
    await makeFolder(folder)
    await access(folder, constants.W_OK)
  } catch (cause) {
    const why = `${folder} cannot be written (${(cause as NodeJS.ErrnoException).code})`
    throw new StorageError(folder, `${why}; choose another folder for files and batches (dataDir)`, { cause })
  }
}
