/**
 * How fast a file can be read past the page cache: `readRates(FILE)` runs this file as a process of its own, with as many threads for reads as are measured.
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

export interface ReadRate {
  'read, MB': number
  /** Bytes a second, the best of some rounds, by reads under way at a time. */
  [depth: `depth ${number}, GB/s`]: number
}

export async function readRates(file: string): Promise<{ rows: ReadRate[]; best: number }> {
  const { stdout } = await promisify(execFile)(process.execPath, [...process.execArgv, fileURLToPath(import.meta.url), file], { env: { ...process.env, UV_THREADPOOL_SIZE: String(Math.max(...DEPTHS)) } })
  const rows = JSON.parse(stdout) as ReadRate[]
  return { rows, best: 1e9 * Math.max(...rows.flatMap((row) => DEPTHS.map((depth) => row[`depth ${depth}, GB/s`]))) }
}

async function measure(path: string): Promise<ReadRate[]> {
  const api = await loadOrtApi()
  const file = await open(path, constants.O_RDONLY | constants.O_DIRECT)
  const { size } = await file.stat()
  const rows = READ_BYTES.map((bytes): ReadRate => ({ 'read, MB': bytes / 2 ** 20 }))
  let at = 0
  for (let round = 0; round < ROUNDS; round++) {
    for (const [i, bytes] of READ_BYTES.entries()) {
      for (const depth of DEPTHS) {
        let left = TOTAL_BYTES / bytes
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
        const rate = TOTAL_BYTES / (performance.now() - started) / 1e6
        rows[i][`depth ${depth}, GB/s`] = Math.max(rows[i][`depth ${depth}, GB/s`] ?? 0, rate)
      }
    }
  }
  await file.close()
  return rows
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.stdout.write(JSON.stringify(await measure(process.argv[2])))
