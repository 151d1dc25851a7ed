/**
 * `npm run bench -- resident [1.1b] [7b] [tiny] [--formats=A,B]`: memory that a model of generated weights takes, each
 * in a process of its own: ours by format (default q4 alone), and node-llama-cpp on the same shape in Q4_0. Without
 * names `1.1b` and `7b`. On Linux; one process at a time.
 */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { defaultThreads } from '../src/runtime/threads.js'
import { generatedGguf, generatedImport } from './formats/generated.js'
import type { OpenImport } from './formats/open-import.js'
import { SHAPES } from './formats/shapes.js'
import { JsonProcess } from './json-process.js'
import { namesOf, optionOf } from './option.js'
import { LlamaPeer, llamaCommand } from './peers/llama-peer.js'

export const name = 'resident'
export const describe = 'memory of W8A8 and q4 on shapes of 1.1 and 7 billion weights, beside node-llama-cpp in Q4_0'

const USUAL = ['1.1b', '7b']
const SLOTS = 512
const PROMPT = 64
const TOKENS = 4
const OURS = [process.execPath, ...process.execArgv, fileURLToPath(new URL('formats/open-import.ts', import.meta.url))]
const PEER = 'node-llama-cpp'

interface Taken {
  /** Before the model is opened, and after some passes. */
  idleBytes: number
  bytes: number
}

export async function run(args: readonly string[]): Promise<object> {
  const names = namesOf(args, { what: 'shape', known: Object.keys(SHAPES), usual: USUAL })
  const rows: object[] = []
  for (const piece of names) {
    const shape = SHAPES[piece]
    const peer = LlamaPeer.isInstalled() ? await peerTakes(await generatedGguf(shape)) : null
    const row = (side: string, { idleBytes, bytes }: Taken): object => ({
      model: piece,
      side,
      'idle, MB': idleBytes / 1e6,
      'resident, MB': bytes / 1e6,
      ...(peer && { [`of ${PEER}'s`]: bytes / peer.bytes }),
    })
    for (const format of (optionOf(args, 'formats') ?? 'q4').split(',')) {
      const { dir } = await generatedImport(shape, format)
      rows.push(row(`ours, ${format}`, await oursTakes({ dir, slots: SLOTS, rows: PROMPT, times: TOKENS })))
    }
    if (peer) rows.push(row(`${PEER}, Q4_0`, peer))
  }
  return { rows }
}

function oursTakes(request: OpenImport): Promise<Taken> {
  return taken(OURS, [request])
}

function peerTakes(gguf: string): Promise<Taken> {
  const tokens = Array.from({ length: PROMPT }, (_, i) => 100 + i)
  return taken(llamaCommand(defaultThreads()), [
    { open: gguf, contextSize: SLOTS, batchSize: PROMPT },
    { tokens, maxTokens: TOKENS, temperature: 0, seed: 1, lookup: false },
  ])
}

async function taken(command: readonly string[], requests: readonly object[]): Promise<Taken> {
  const child = await JsonProcess.start(command)
  try {
    const idleBytes = residentBytes(child.pid)
    for (const request of requests) await child.ask(request)
    return { idleBytes, bytes: residentBytes(child.pid) }
  } finally {
    await child.close()
  }
}

/** Bytes of physical memory that a process has mapped: pages of files too, each shared one by its share. */
function residentBytes(pid: number): number {
  const [, kilobytes] = /^Pss:\s*(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))!
  return 1024 * Number(kilobytes)
}
