/**
 * How fast a file can be read past the page cache: `readRates(FILE)` runs this file as a process of its own, with as
 * many threads for reads as are measured. Short bursts say which reads are fastest; what the disk gives for as long as
 * a few passes take can be a good deal less, and is what these can have.
 */
import { execFile } from 'node:child_process'
import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { loadOrtApi } from '../../src/runtime/binding/api.js'
import { pageAligned } from '../../src/runtime/streamed/aligned.js'

const DEPTHS = [1, 2, 4, 8]
const READ_BYTES = [2 ** 20, 4 * 2 ** 20, 16 * 2 ** 20]
/** Of one measurement; each goes on where the last one ended. */
const TOTAL_BYTES = 2 ** 29
const ROUNDS = 3
/** Of what is read without a pause in the fastest way, over and over the file. */
const SUSTAINED_BYTES = 2 ** 33

export interface ReadRate {
  'read, MB': number
  /** Bytes a second, the best of some rounds, by reads under way at a time. */
  [depth: `depth ${number}, GB/s`]: number
}

export interface ReadRates {
  rows: ReadRate[]
  /** Bytes a second over `SUSTAINED_BYTES`. */
  sustained: number
}

export async function readRates(file: string): Promise<ReadRates> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [...process.execArgv, fileURLToPath(import.meta.url), file],
    { env: { ...process.env, UV_THREADPOOL_SIZE: String(Math.max(...DEPTHS)) } },
  )
  return JSON.parse(stdout) as ReadRates
}

async function measure(path: string): Promise<ReadRates> {
  const api = await loadOrtApi()
  const file = await open(path, constants.O_RDONLY | constants.O_DIRECT)
  const { size } = await file.stat()
  const rows = READ_BYTES.map((bytes): ReadRate => ({ 'read, MB': bytes / 2 ** 20 }))
  let at = 0
  /** Bytes a second. */
  const rateOf = async (total: number, bytes: number, depth: number): Promise<number> => {
    let left = total / bytes
    const started = performance.now()
    const reader = async (): Promise<void> => {
      const buffer = pageAligned(api, bytes)
      while (left-- > 0) {
        const from = at + bytes > size ? 0 : at
        at = from + bytes
        await file.read(buffer, 0, bytes, from)
      }
    }
    await Promise.all(Array.from({ length: depth }, reader))
    return (1000 * total) / (performance.now() - started)
  }
  let best = { rate: 0, bytes: 0, depth: 0 }
  for (let round = 0; round < ROUNDS; round++) {
    for (const [i, bytes] of READ_BYTES.entries()) {
      for (const depth of DEPTHS) {
        const rate = await rateOf(TOTAL_BYTES, bytes, depth)
        if (rate > best.rate) best = { rate, bytes, depth }
        rows[i][`depth ${depth}, GB/s`] = Math.max(rows[i][`depth ${depth}, GB/s`] ?? 0, rate / 1e9)
      }
    }
  }
  const sustained = await rateOf(SUSTAINED_BYTES, best.bytes, best.depth)
  await file.close()
  return { rows, sustained }
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  process.stdout.write(JSON.stringify(await measure(process.argv[2])))
