/**
 * `npm run bench -- accuracy [smollm2] [gemma3-270m] [--conversations=N] [--peer=no]`: how far a real model in each
 * format, and node-llama-cpp on the same file, are from that file in fp32, over held-out conversations. Without names
 * SmolLM2 alone.
 */
import { cacheFolder } from '../src/common/cache-folder.js'
import { ensureImported, type ImportedModel } from '../src/import/index.js'
import { resolveSource } from '../src/import/resolve-source.js'
import type { Forward } from '../src/runtime/forward.js'
import { defaultThreads } from '../src/runtime/threads.js'
import { bytesPerToken } from '../src/runtime/kv/store.js'
import type { KvFormat } from '../src/spec/manifest.js'
import { decodeArranged } from '../test/support/bits.js'
import { openImported } from '../test/support/imported.js'
import { LogitDistance } from '../test/support/logit-distance.js'
import { realModel } from '../test/support/real-models.js'
import { namesOf, optionOf } from './option.js'
import { LlamaPeer } from './peers/llama-peer.js'

export const name = 'accuracy'
export const describe = "KL divergence to fp32 and top-1 agreement: ours in each format, node-llama-cpp's own"

const SMOLLM2 = 'smollm2-135m'
const MODELS: Readonly<Record<string, string>> = { smollm2: SMOLLM2, 'gemma3-270m': 'gemma3-270m' }
const SIDES: readonly { format: string; kv: KvFormat }[] = [
  { format: 'fp16', kv: 'f32' },
  { format: 'w8a8', kv: 'f32' },
  { format: 'w8a8', kv: 'f16' },
  { format: 'q4', kv: 'f32' },
  { format: 'q4', kv: 'f16' },
]
/** Rows before this one have little context and say little. */
const FROM = 100
const SLOTS = 512
const PEER = 'node-llama-cpp'

interface Row {
  model: string
  side: string
  'weights, MB'?: number
  'K/V, bytes a token'?: number
  kl: number
  top1: number
  rows: number
}

export async function run(args: readonly string[]): Promise<object> {
  const names = namesOf(args, { what: 'model', known: Object.keys(MODELS), usual: ['smollm2'] })
  const count = Number(optionOf(args, 'conversations') ?? 12)
  const rows: Row[] = []
  for (const one of names) rows.push(...(await measured(MODELS[one], count, optionOf(args, 'peer') !== 'no')))
  return { rows }
}

async function measured(model: string, count: number, hasPeer: boolean): Promise<Row[]> {
  const source = await resolveSource(model, { cacheDir: cacheFolder() })
  const exactModel = await importedAs(source, 'fp32', 'f32')
  const conversations = await realModel(model).conversations()
  const exact = await openImported(exactModel, { slots: SLOTS })
  const { vocab } = exact.info
  const sides: { row: Omit<Row, 'kl' | 'top1' | 'rows'>; forward: Forward; distance: LogitDistance }[] = []
  for (const { format, kv } of SIDES) {
    const imported = await importedAs(source, format, kv)
    const forward = await openImported(imported, { slots: SLOTS })
    const row = {
      model,
      side: `ours, ${format}${kv === 'f16' ? ', K in halves' : ''}`,
      'weights, MB': imported.manifest.checks[imported.manifest.files.weights[0]].bytes / 1e6,
      'K/V, bytes a token': bytesPerToken(forward.info.kv),
    }
    sides.push({ row, forward, distance: new LogitDistance() })
  }
  const peer = hasPeer ? await LlamaPeer.open(source, defaultThreads()) : null
  const peerDistance = new LogitDistance()
  for (const ids of conversations.slice(0, count).map((all) => all.slice(0, SLOTS))) {
    const whole = { chunk: () => ids.length, from: FROM }
    const reference = await decodeArranged(exact, ids, whole)
    for (const { forward, distance } of sides) distance.add(reference, await decodeArranged(forward, ids, whole), vocab)
    if (peer) peerDistance.add(reference, await peer.logits(ids, FROM), vocab)
  }
  peer?.close()
  await Promise.all([exact, ...sides.map(({ forward }) => forward)].map((forward) => forward.dispose()))
  return [
    ...sides.map(({ row, distance }) => withDistance(row, distance)),
    ...(peer ? [withDistance({ model, side: PEER }, peerDistance)] : []),
  ]
}

function withDistance(row: Omit<Row, 'kl' | 'top1' | 'rows'>, distance: LogitDistance): Row {
  console.log(`${row.model}, ${row.side}: ${distance}`)
  const { kl, top1, rows } = distance
  return { ...row, kl, top1, rows }
}

function importedAs(source: string, format: string, kv: KvFormat): Promise<ImportedModel> {
  return ensureImported(source, { cacheDir: cacheFolder(), format, kv })
}
