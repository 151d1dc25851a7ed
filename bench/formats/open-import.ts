/**
 * An import's passes in a process of their own: reads one JSON request a line, answers each with one line, errors
 * included. `{ dir, slots, rows, times }` -> `{ opened: true }`, after so many passes of `rows` rows and of one.
 */
import { createInterface } from 'node:readline'
import { cacheFolder } from '../../src/common/cache-folder.js'
import { formatNamed } from '../../src/formats/index.js'
import { graphsOf, loadManifest } from '../../src/import/index.js'
import { forwardInfo } from '../../src/open/open-model.js'
import { openForward } from '../../src/runtime/open-forward.js'
import { timeMs } from '../passes.js'

export interface OpenImport {
  dir: string
  slots: number
  rows: number
  times: number
}

async function open({ dir, slots, rows, times }: OpenImport): Promise<object> {
  const manifest = await loadManifest(dir)
  const { leastRows } = formatNamed(manifest.format)
  const graph = {
    ...graphsOf({ dir, manifest }, { grouped: false }),
    info: forwardInfo(manifest),
    leastRows: await leastRows?.(cacheFolder()),
  }
  const forward = await openForward(graph, { slots })
  const logits = new Float32Array(rows * manifest.spec.vocab)
  for (let i = 0; i < times; i++) for (const n of [rows, 1]) await timeMs(forward, n, slots, logits)
  return { opened: true }
}

process.stdout.write('{"ready":true}\n')
for await (const line of createInterface({ input: process.stdin })) {
  const answer = await open(JSON.parse(line) as OpenImport).catch((error: Error) => ({ error: error.message }))
  process.stdout.write(`${JSON.stringify(answer)}\n`)
}
process.exit()
