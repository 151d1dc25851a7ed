/** Imports checkpoints into temporary folders, once each, and opens their graphs. */
import { join } from 'node:path'
import { formatNamed, type FormatName } from '../../src/formats/index.js'
import { graphsOf, importModel, streamedModel } from '../../src/import/index.js'
import type { ModelManifest } from '../../src/spec/manifest.js'
import type { Checkpoint } from '../../src/checkpoint/checkpoint.js'
import type { Device } from '../../src/runtime/binding/device.js'
import { forwardInfo } from '../../src/open/open-model.js'
import type { Forward, ForwardOptions } from '../../src/runtime/forward.js'
import { openForward, openStreamed } from '../../src/runtime/open-forward.js'
import { tempFolder } from './temp-folder.js'

export interface Imported {
  dir: string
  manifest: ModelManifest
}

let root: string | undefined
let count = 0

/** `onDevice`: for a device that holds the whole model. */
export async function imported(checkpoint: Checkpoint, format: FormatName, onDevice = false): Promise<Imported> {
  root ??= tempFolder()
  const dir = join(root, `${format}-${count++}`)
  return { dir, manifest: await importModel(checkpoint, { format, outDir: dir, onDevice }) }
}

/**
 * Opens the graph for one sequence, or the one for several where `options.lanes` is above 1 or `grouped` asks for it.
 */
export async function openImported(
  model: Imported,
  options: ForwardOptions = {},
  grouped = (options.lanes ?? 1) > 1,
): Promise<Forward> {
  return openForward(
    {
      ...graphsOf(model, { grouped }),
      info: forwardInfo(model.manifest),
      leastRows: await formatNamed(model.manifest.format).leastRows?.(),
    },
    { threads: 2, slots: 64, ...options },
  )
}

/** Opens the model streamed, for one sequence or for several. */
export async function openImportedStreamed(
  { dir, manifest }: Imported,
  options: ForwardOptions & { residentLayers: number; deviceLayers?: number; device?: Device },
  grouped = (options.lanes ?? 1) > 1,
): Promise<Forward> {
  const model = await streamedModel(dir, manifest, { grouped })
  return openStreamed({ ...model!, info: forwardInfo(manifest) }, { threads: 2, slots: 64, ...options })
}

/** Disposes of what was opened when `use` ends, however it does. */
export async function using<T>(forward: Promise<Forward>, use: (forward: Forward) => Promise<T>): Promise<T> {
  const opened = await forward
  try {
    return await use(opened)
  } finally {
    await opened.dispose()
  }
}
