/**
 * t(n) of the 7B shape, streamed: with as many layers in memory as 2 GB allow, but no limit, for the budget has no room
 * for the largest trees.
 */
import { budgetFor } from '../../src/open/budget/budget-for.js'
import { forwardInfo, openModel } from '../../src/open/open-model.js'
import { checkOptions } from '../../src/open/check-options.js'
import { streamedModel } from '../../src/import/index.js'
import { openStreamed } from '../../src/runtime/open-forward.js'
import { timeMs } from '../passes.js'
import { median } from '../stats.js'
import { bigModel } from './big-model.js'
import { MEMORY, OPEN } from './big.js'
import type { Row } from './table.js'

/** Nodes and how often each is measured. */
const SIZES: [nodes: number, times: number][] = [
  [1, 3],
  [2, 3],
  [4, 3],
  [8, 3],
  [16, 3],
  [32, 3],
  [64, 2],
  [128, 1],
  [256, 1],
  [512, 1],
]
const MOST = SIZES[SIZES.length - 1][0]

export async function passes(): Promise<object> {
  const { gguf: target } = await bigModel(false)
  const options = checkOptions({ target, ...OPEN, memory: MEMORY })
  const { dir, manifest } = await openModel(target, options)
  const { residentLayers } = (await budgetFor(options, { dir, manifest }, null, OPEN.maxBatch))!
  const model = await streamedModel(dir, manifest, { grouped: false })
  const forward = await openStreamed({ ...model!, info: forwardInfo(manifest) }, { residentLayers, slots: MOST })
  const logits = new Float32Array(MOST * forward.info.vocab)
  await timeMs(forward, 1, OPEN.maxContext, logits)
  const rows: Row[] = []
  let oneMs = 0
  for (const [nodes, times] of SIZES) {
    const all: number[] = []
    for (let i = 0; i < times; i++) all.push(await timeMs(forward, nodes, Math.max(nodes, OPEN.maxContext), logits))
    const ms = median(all)
    oneMs ||= ms
    rows.push({ nodes, 'pass, s': ms / 1000, 'of t(1)': ms / oneMs })
    console.log(`pass of ${nodes} rows: ${(ms / 1000).toFixed(1)} s`)
  }
  await forward.dispose()
  return { residentLayers, rows }
}
