/** One model made ready: imported into the cache, its text side loaded, and a runner over its pass. */
import type { Core } from '../core/index.js'
import { InvalidArgumentError, ModelError } from '../spec/errors.js'
import { formatNamed, usualFormat } from '../formats/index.js'
import type { HeadFile } from '../heads/index.js'
import { ensureImported, embeddedModel, graphsOf, streamedModel, type ImportedModel } from '../import/index.js'
import type { ModelManifest } from '../spec/manifest.js'
import { kvWidth } from '../spec/model-spec.js'
import { knownModels } from '../import/pull/index.js'
import { resolveSource } from '../import/resolve-source.js'
import type { ChatTemplate } from '../text/text.js'
import { readTokenizer, type ModelTokenizer } from '../text/tokenizer.js'
import { tokenizerDifference } from '../text/tokenizer-difference.js'
import { openText, type TextSource } from '../text/open-text.js'
import { ModelRunner } from '../passes/model-runner.js'
import { deviceAt } from '../runtime/binding/device.js'
import type { ForwardInfo } from '../runtime/forward.js'
import { openForward, openStreamed } from '../runtime/open-forward.js'
import type { CheckedOptions } from './check-options.js'

export interface OpenedModel {
  /** What it is called: the known name it was asked for by, else the checkpoint's own. */
  name: string
  /** The checkpoint it was opened from: a file or a folder. */
  source: string
  dir: string
  manifest: ModelManifest
  text: TextSource
  tokenizer: ModelTokenizer
  template: ChatTemplate | null
}

/** Prompt rows of one pass. */
const CHUNK_ROWS = 128
/** Slots the cache starts with; it doubles as texts grow. */
export const FIRST_SLOTS = 512

/** With the output that a draft head reads, where there is one. */
export async function openModel(
  nameOrPath: string,
  options: CheckedOptions,
  reader?: Pick<HeadFile, 'projection'>,
): Promise<OpenedModel> {
  const source = await resolveSource(nameOrPath, options)
  const projection = reader?.projection ?? undefined
  const hidden = reader?.projection === null
  const { dir, manifest } = await ensureImported(source, { ...options, hidden, projection, onDevice: options.isWhole })
  const { files, chatTemplate } = manifest
  const { toolPrompt, chatTemplateKwargs } = options
  const text = { dir, manifest: { files, chatTemplate }, toolPrompt, templateInput: chatTemplateKwargs }
  const { tokenizer, template } = await openText(text)
  if (template) template.checkInput('chatTemplateKwargs', chatTemplateKwargs)
  else if (Object.keys(chatTemplateKwargs).length > 0)
    throw new InvalidArgumentError(
      'chatTemplateKwargs',
      `chatTemplateKwargs are for the chat template, and ${manifest.name} has none; leave them out`,
    )
  const name = knownModels.some((known) => known.name === nameOrPath) ? nameOrPath : manifest.name
  return { name, source, dir, manifest, text, tokenizer, template }
}

/** What a runner must have room for. */
export interface RunnerSize {
  /** K/V slots of the longest text with its tree. */
  maxSlots: number
  /** Rows of one pass whose logits are wanted. */
  maxLogitRows: number
  /** Sequences; default 1. */
  maxLanes?: number
  /** K/V slots of all sequences together, under a budget of memory. */
  cells?: number
  /** Rows of one pass. */
  maxRows?: number
  /** Layers that stay in memory, where the others are streamed. */
  residentLayers?: number
  /** Layers that stay on the device, where the others pass through it. */
  deviceLayers?: number
  /** Passes have so many rows, and no others: the least that do. */
  widths?: readonly number[]
  /** Length of a row of logits, where it is not the model's own, and ids in it without a token. */
  vocab?: number
  silent?: Int32Array
}

/** Opens a model's passes and a runner over them. Throws `RuntimeError` with ONNX Runtime's words. */
export async function openRunner(
  core: Core,
  model: Pick<OpenedModel, 'dir' | 'manifest'>,
  size: RunnerSize,
  options: Pick<CheckedOptions, 'address' | 'runtime' | 'threads' | 'cacheDir' | 'cudaGraphs'>,
): Promise<ModelRunner> {
  const { maxSlots, maxLogitRows, maxLanes = 1, cells, residentLayers, deviceLayers, vocab, silent } = size
  const { maxRows = Math.max(CHUNK_ROWS, maxLogitRows) } = size
  const { hidden } = model.manifest
  const grouped = maxLanes > 1
  const embedded = cells === undefined ? null : await embeddedModel(model.dir, model.manifest, { grouped })
  const { long, ...near } = graphsOf(model, { grouped })
  // A budget of memory has no room for a change of graphs.
  const graphs = long && cells !== undefined ? { graphPath: long.graphPath } : { ...near, long }
  const graph = {
    ...graphs,
    info: forwardInfo(model.manifest),
    leastRows: await formatNamed(model.manifest.format).leastRows?.(options.cacheDir),
    widths: size.widths,
    ...(embedded ? { graphPath: embedded.graphPath, embedded } : {}),
  }
  const parts = residentLayers === undefined ? null : await streamedModel(model.dir, model.manifest, { grouped })
  const { address, runtime, threads } = options
  const device = parts || model.manifest.device ? deviceAt(address) : undefined
  const replays = options.cudaGraphs && device?.isApart
  // Passes that are replayed find K/V rows where they were recorded: the first cache has room for the longest text.
  const slots = replays ? maxSlots : Math.min(FIRST_SLOTS, maxSlots)
  const opened = { runtime, threads, slots, lanes: 1, cells, device, replays }
  const forward = await (parts
    ? openStreamed({ ...graph, ...parts }, { ...opened, residentLayers: residentLayers!, deviceLayers })
    : openForward(graph, opened))
  return new ModelRunner(
    core,
    forward,
    { maxRows, maxLogitRows, maxSlots, maxLanes, cells, vocab, silent, keepsHidden: hidden !== null },
    { busyMs: 0 },
  )
}

export function forwardInfo({ spec, vType, kType, features, device }: ModelManifest): ForwardInfo {
  const { vocab, hidden, layers } = spec
  const rows = layers.map(kvWidth)
  return { vocab, hidden, features, kv: { k: device?.cache ?? kType ?? 'float32', v: vType, rows } }
}

/**
 * A model that speaks an opened target's tokens, as its draft. Throws `ModelError` for one that does not belong to it.
 */
export async function openDraft(source: string, target: OpenedModel, options: CheckedOptions): Promise<ImportedModel> {
  // Beside a streamed target a draft computes on the CPU: a format made for another device is none for it.
  const isApart = formatNamed(options.format).usualOn.some((name) => deviceAt(name).isApart)
  const draft = await ensureImported(source, {
    ...options,
    format: isApart && !options.isWhole ? usualFormat('cpu').name : options.format,
    onDevice: options.isWhole,
  })
  await assertPaired(target, draft)
  return draft
}

/** A draft must speak the target's tokens: same ids, same spellings. */
async function assertPaired(target: OpenedModel, draft: ImportedModel): Promise<void> {
  const { manifest } = draft
  if (target.manifest.tokenizerHash === manifest.tokenizerHash) return
  const [ours, theirs] = await Promise.all([target, draft].map((one) => readTokenizer(one.dir, one.manifest)))
  const difference = tokenizerDifference(ours, theirs)
  throw new ModelError(
    'tokenizer_mismatch',
    draft.dir,
    `draft "${manifest.name}" and target "${target.manifest.name}" have different tokenizers ` +
      `(${manifest.spec.vocab} and ${target.manifest.spec.vocab} tokens)${difference ? `: ${difference}` : ''}; ` +
      `a draft must share the target's tokenizer, or use draft "ngram"`,
  )
}
