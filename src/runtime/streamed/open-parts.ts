/** Opens what a streamed model is made of: its file, its two sessions, and the memory that layers are read into. */
import { loadOrtApi, type OrtApi } from '../binding/api.js'
import { CPU, type Device } from '../binding/device.js'
import { Session } from '../binding/session.js'
import type { ForwardInfo } from '../forward.js'
import type { NamedTensor } from '../tensor.js'
import { DeviceLayers } from './device-layers.js'
import { Embeddings } from './embeddings.js'
import { BUFFERS, LayerStream, residentLayers } from './layer-stream.js'
import { CopiedWeights, HostMemory, ReadWeights, type LayerWeights } from './layer-weights.js'
import type { StreamedLayout, StreamedModel, TensorPlace } from './layout.js'
import { WatchedFile } from './watched-file.js'

export interface StreamedOptions {
  threads: number
  /** Layers that stay in memory. */
  residentLayers: number
  /** Layers that stay on a device that is apart; none if left out. */
  deviceLayers?: number
  info: ForwardInfo
  /** Default: the CPU. */
  device?: Device
}

export interface StreamedParts {
  api: OrtApi
  layout: StreamedLayout
  info: ForwardInfo
  file: WatchedFile
  embeddings: Embeddings
  stream: LayerStream
  layer: Session
  head: Session
  weights: LayerWeights
}

/**
 * Throws `RuntimeError` where the C API cannot be had or a graph does not load, `ModelError` where the weights are not
 * what import wrote; then nothing stays open.
 */
export async function openParts(
  { layerGraph, headGraph, uploadGraph, weights: path, layout }: StreamedModel,
  { info, threads, device = CPU, residentLayers: residentCount, deviceLayers: deviceCount = 0 }: StreamedOptions,
): Promise<StreamedParts> {
  const api = await loadOrtApi(device.library())
  const opened: (() => unknown)[] = []
  try {
    const file = await WatchedFile.open(path)
    opened.push(() => file.close())
    const layer = await Session.open(api, layerGraph, threads, await keptTensors(file, layout.kept.layer), device)
    opened.push(() => layer.dispose())
    const head = await Session.open(api, headGraph, threads, await keptTensors(file, layout.kept.head), device)
    opened.push(() => head.dispose())
    const upload = device.isApart ? await Session.open(api, uploadGraph!, threads, [], device) : null
    const there = upload && new DeviceLayers({ api, device, session: upload, layout })
    opened.push(() => there?.dispose())
    const layers = layout.layers.length
    const elsewhere = residentLayers(layers, deviceCount)
    const beside = layout.layers.map((_, at) => at).filter((at) => !elsewhere.has(at))
    const residents = new Set([...residentLayers(beside.length, residentCount)].map((at) => beside[at]))
    const read = residents.size + Math.min(BUFFERS, beside.length - residents.size)
    // One at least: what stays on the device is read to it first.
    const host = new HostMemory(api, device, layer, layout, Math.max(1, read))
    opened.push(() => host.dispose())
    const [staging] = host.memory
    await there?.keep(elsewhere, file, staging, host.valuesOf(staging))
    const embeddings = await Embeddings.open(file, layout.embedding, info.vocab, info.hidden)
    const stream = await LayerStream.open({ file, layout, residents, elsewhere, memory: host.memory })
    opened.push(() => stream.stop())
    const asRead = new ReadWeights(stream, host)
    const weights = there ? new CopiedWeights(asRead, there, layers) : asRead
    return { api, layout, info, file, embeddings, stream, layer, head, weights }
  } catch (error) {
    for (const close of opened.reverse()) await close()
    throw error
  }
}

/**
 * Read, not mapped: a session that touched a mapped page of a file cut short would end the process. What it packs as it
 * opens, it maps no longer.
 */
async function keptTensors(file: WatchedFile, places: readonly TensorPlace[]): Promise<NamedTensor[]> {
  return Promise.all(
    places.map(async ({ name, type, dims, at, bytes }) => {
      const data = new Uint8Array(bytes)
      await file.readAnywhere(data, at)
      return { name, type, data, dims }
    }),
  )
}
