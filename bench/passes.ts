/**
 * `npm run bench -- passes`: what a pass of the imported target costs, t(n, S), with one thread and with all; beside it
 * how fast this machine's memory can be read, and so how near a pass of one row is to the least it can take: its
 * weights read once.
 */
import { Worker } from 'node:worker_threads'
import { forwardInfo } from '../src/open/open-model.js'
import { cacheFolder } from '../src/common/cache-folder.js'
import { ensureImported, graphsOf, streamedModel, type ImportedModel } from '../src/import/index.js'
import { resolveSource } from '../src/import/resolve-source.js'
import { openForward } from '../src/runtime/open-forward.js'
import { defaultThreads } from '../src/runtime/threads.js'
import type { Forward } from '../src/runtime/forward.js'
import { quantile } from './stats.js'

export const name = 'passes'
export const describe =
  't(n, S) of SmolLM2 by threads, and the share of the memory bandwidth that a pass of one row reaches'

const ROWS = [1, 4, 8, 16, 32]
const CONTEXTS = [256, 1024]
const ROUNDS = 15

/** Milliseconds of one pass of so many rows at a context of so many slots. */
export async function timeMs(forward: Forward, rows: number, context: number, logits: Float32Array): Promise<number> {
  const sequence = Int32Array.from({ length: rows }, (_, i) => i)
  const input = {
    tokens: sequence,
    positions: sequence,
    slots: sequence,
    lanes: new Int32Array(rows),
    liveSlots: context,
    mask: new Uint8Array(rows * context).fill(1),
    logitRows: sequence,
  }
  const started = performance.now()
  await forward.run(input, { logits: logits.subarray(0, rows * forward.info.vocab) })
  return performance.now() - started
}

/** Bytes a second that `threads` threads read together: each compares two equal buffers far larger than any cache. */
async function bandwidth(threads: number): Promise<number> {
  const size = 128 << 20
  const code = `const { parentPort } = require('node:worker_threads')
    const [a, b] = [Buffer.alloc(${size}, 1), Buffer.alloc(${size}, 1)]
    let best = 0
    for (let i = 0; i < 8; i++) {
      const t = performance.now(); a.compare(b)
      best = Math.max(best, ${2 * size} / (performance.now() - t))
    }
    parentPort.postMessage(1000 * best)`
  const rates = await Promise.all(
    Array.from(
      { length: threads },
      () => new Promise<number>((resolve) => new Worker(code, { eval: true }).on('message', resolve)),
    ),
  )
  return rates.reduce((sum, rate) => sum + rate, 0)
}

/** Bytes of weights that a pass reads: all layers and the head, not the table of embeddings. */
async function passBytes({ dir, manifest }: ImportedModel): Promise<number> {
  const { layout } = (await streamedModel(dir, manifest, { grouped: false }))!
  const { vocab, hidden } = manifest.spec
  return layout.layers.length * layout.layerBytes + vocab * (hidden + Float32Array.BYTES_PER_ELEMENT)
}

/** `args`: target (default SmolLM2). */
export async function run([target = 'smollm2-135m']: readonly string[]): Promise<object> {
  const cacheDir = cacheFolder()
  const model = await ensureImported(await resolveSource(target, { cacheDir }), {
    cacheDir,
    format: 'w8a8',
    hidden: true,
  })
  const { manifest } = model
  const weightBytes = await passBytes(model)
  const all = defaultThreads()
  const rows: Record<string, number>[] = []
  for (const threads of all > 1 ? [1, all] : [1]) {
    const forward = await openForward(
      { ...graphsOf(model, { grouped: false }), info: forwardInfo(manifest) },
      { threads, slots: Math.max(...CONTEXTS), lanes: 1 },
    )
    const logits = new Float32Array(Math.max(...ROWS) * forward.info.vocab)
    for (const context of CONTEXTS) {
      const times = ROWS.map((): number[] => [])
      for (let round = 0; round <= ROUNDS; round++) {
        for (const [i, n] of ROWS.entries()) {
          const ms = await timeMs(forward, n, context, logits)
          if (round > 0) times[i].push(ms)
        }
      }
      const ms = times.map((list) => quantile(list, 0.25))
      rows.push({
        threads,
        context,
        ...Object.fromEntries(ROWS.map((n, i) => [`t(${n}), ms`, ms[i]])),
        't(8)/t(1)': ms[2] / ms[0],
        't(16)/t(1)': ms[3] / ms[0],
        'read, GB/s': weightBytes / ms[0] / 1e6,
      })
    }
    await forward.dispose()
  }
  const machine = {
    weightBytes,
    'one thread reads, GB/s': (await bandwidth(1)) / 1e9,
    'all threads read, GB/s': (await bandwidth(all)) / 1e9,
  }
  console.log(JSON.stringify(machine))
  return { rows, machine }
}
