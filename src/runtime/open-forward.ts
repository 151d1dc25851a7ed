/** Opens a graph as a `Forward` on the best runtime that works here. */
import { existsSync } from 'node:fs'
import { ModelError, RuntimeError } from '../spec/errors.js'
import type { Backend } from './backend.js'
import { loadOrtApi } from './binding/api.js'
import { BindingBackend } from './binding/binding-backend.js'
import { ContextBackend } from './context-backend.js'
import type { Forward, ForwardInfo, ForwardOptions } from './forward.js'
import { GraphForward } from './graph-forward.js'
import { withLeastRows, withWidths } from './least-rows.js'
import { PortableBackend } from './portable/portable-backend.js'
import { StreamedBackend } from './streamed/streamed-backend.js'
import { withEmbeddings } from './streamed/embedded-backend.js'
import type { EmbeddedModel, StreamedModel } from './streamed/layout.js'
import type { StreamedOptions } from './streamed/open-parts.js'
import { defaultThreads } from './threads.js'

/** A tree-capable graph (docs/graph.md) and what is known about it. */
export interface GraphModel {
  graphPath: string
  /** The graph that passes with rows at position `from` and beyond need, where there are such. */
  long?: { graphPath: string; from: number }
  info: ForwardInfo
  /** Rows that a pass has at least; 1 if left out. */
  leastRows?: number
  /** Numbers of rows that passes have; any if left out. */
  widths?: readonly number[]
  /** Where the graph gets embeddings as rows: what they are read from. */
  embedded?: EmbeddedModel
}

/**
 * Opens a session with a cache of `options.slots` x `options.lanes`. `runtime: 'auto'` takes `binding` where it works
 * and `portable` otherwise (`whyNotBinding` says why). Throws `ModelError` if the file is missing, `RuntimeError` if it
 * does not load, does not follow the contract, or `runtime: 'binding'` was asked for and cannot be had.
 */
export async function openForward(model: GraphModel, options: ForwardOptions = {}): Promise<Forward> {
  if (!existsSync(model.graphPath))
    throw new ModelError(
      'model_not_found',
      model.graphPath,
      `there is no graph at ${model.graphPath}; import the model first`,
    )
  const { long } = model
  let backend = await openBackend(model.graphPath, options)
  try {
    if (long) backend = new ContextBackend(backend, long.from, () => openBackend(long.graphPath, options))
    if (model.embedded) backend = await withEmbeddings(backend, model.embedded, model.info)
    const forward = new GraphForward(backend, model.info, options)
    return model.widths ? withWidths(forward, model.widths) : withLeastRows(forward, model.leastRows ?? 1)
  } catch (error) {
    await backend.dispose()
    throw error
  }
}

/**
 * Opens a model that streams its layers from disk. Throws `RuntimeError` where the C API cannot be had or a graph does
 * not load, `ModelError` where the weights are not what import wrote.
 */
export async function openStreamed(
  model: StreamedModel & Pick<GraphModel, 'info'>,
  options: ForwardOptions & Pick<StreamedOptions, 'residentLayers' | 'deviceLayers'>,
): Promise<Forward> {
  const reason = await whyNotBinding()
  if (reason)
    throw new RuntimeError(
      `weights can be streamed through ONNX Runtime's C API only, which does not work on this machine: ${reason}`,
    )
  const { info } = model
  const backend = await StreamedBackend.open(model, { threads: defaultThreads(), ...options, info })
  try {
    return new GraphForward(backend, info, options)
  } catch (error) {
    await backend.dispose()
    throw error
  }
}

/** Why `binding` does not work on this machine; undefined where it does. */
export async function whyNotBinding(): Promise<string | undefined> {
  return loadOrtApi().then(
    () => undefined,
    (reason: unknown) => (reason instanceof Error ? reason.message : String(reason)),
  )
}

async function openBackend(
  graphPath: string,
  { runtime = 'auto', threads = defaultThreads(), device, replays }: ForwardOptions,
): Promise<Backend> {
  if (device?.isApart) return BindingBackend.open(graphPath, threads, device, replays)
  if (runtime === 'portable') return PortableBackend.open(graphPath, threads)
  const reason = await whyNotBinding()
  if (!reason) return BindingBackend.open(graphPath, threads)
  if (runtime === 'auto') return PortableBackend.open(graphPath, threads)
  throw new RuntimeError(`runtime 'binding' does not work on this machine: ${reason}`)
}
