/**
 * `npm run bench -- accuracy`: how far SmolLM2 in W8A8 and in q4, and node-llama-cpp on the same file, are from that
 * file in fp32, over held-out conversations.
 */
import { decodeArranged } from '../test/support/bits.js'
import { LogitDistance } from '../test/support/logit-distance.js'
import { heldOutConversations, openSmolLM2 } from '../test/support/smollm2-models.js'
import { smollm2File } from '../test/support/smollm2.js'
import { defaultThreads } from '../src/runtime/threads.js'
import { LlamaPeer } from './peers/llama-peer.js'

export const name = 'accuracy'
export const describe = "KL divergence to fp32 and top-1 agreement: ours in W8A8 and q4, node-llama-cpp's own"

/** Rows before this one have little context and say little. */
const FROM = 100

/** `args`: how many conversations (default 12). */
export async function run([count = '12']: readonly string[]): Promise<object> {
  const exact = await openSmolLM2('fp32', { slots: 512 })
  const ours = { W8A8: await openSmolLM2('w8a8', { slots: 512 }), q4: await openSmolLM2('q4', { slots: 512 }) }
  const peer = await LlamaPeer.open(smollm2File, defaultThreads())
  const distances: Record<string, LogitDistance> = {
    ...Object.fromEntries(Object.keys(ours).map((format) => [`ours, ${format}`, new LogitDistance()])),
    ...(peer ? { 'node-llama-cpp': new LogitDistance() } : {}),
  }
  for (const ids of heldOutConversations().slice(0, Number(count))) {
    const whole = { chunk: () => ids.length, from: FROM }
    const reference = await decodeArranged(exact, ids, whole)
    for (const [format, forward] of Object.entries(ours))
      distances[`ours, ${format}`].add(reference, await decodeArranged(forward, ids, whole), exact.info.vocab)
    if (peer) distances['node-llama-cpp'].add(reference, await peer.logits(ids, FROM), exact.info.vocab)
  }
  peer?.close()
  await Promise.all([exact, ...Object.values(ours)].map((forward) => forward.dispose()))
  for (const [side, distance] of Object.entries(distances)) console.log(`${side}: ${distance}`)
  return { rows: Object.entries(distances).map(([side, { kl, top1, rows }]) => ({ side, kl, top1, rows })) }
}
