/** Passes of a draft of generated weights, which stand for those of the draft whose acceptance is replayed. */
import { graphsOf } from '../../src/import/index.js'
import { forwardInfo } from '../../src/open/open-model.js'
import { deviceAt } from '../../src/runtime/binding/device.js'
import { openForward } from '../../src/runtime/open-forward.js'
import { passMs } from '../../src/speculation/pass-times.js'
import { timeMs } from '../passes.js'
import { median } from '../stats.js'
import { generated } from './generated.js'
import type { Kit } from './kit.js'

const WIDTHS = [1, 4, 16, 64, 128]
const ROUNDS = 5

export interface DraftPasses {
  /** Median milliseconds by rows. */
  table: { rows: number; ms: number }[]
  levelMs(width: number): number
  /** Runs a pass of so many rows. */
  spend(width: number): Promise<void>
  close(): Promise<void>
}

/** `where`: on the GPU beside its target, or on the CPU as drafts of targets whose layers pass through the GPU. */
export async function openDraftPasses(kit: Kit, where: 'cuda' | 'cpu'): Promise<DraftPasses> {
  const onDevice = where === 'cuda'
  const model = await generated('draft', kit.shapes.draft, { ...kit, onDevice })
  const forward = await openForward(
    { ...graphsOf(model, { grouped: false }), info: forwardInfo(model.manifest) },
    { slots: kit.maxContext, lanes: 1, device: deviceAt(where) },
  )
  const most = Math.max(...WIDTHS)
  const logits = new Float32Array(most * forward.info.vocab)
  const run = (rows: number): Promise<number> => timeMs(forward, Math.min(rows, most), kit.maxContext, logits)
  const table: DraftPasses['table'] = []
  for (const rows of WIDTHS) {
    const times: number[] = []
    for (let round = 0; round <= ROUNDS; round++) times.push(await run(rows))
    table.push({ rows, ms: median(times.slice(1)) })
  }
  const times = { rows: WIDTHS, baseMs: table.map(({ ms }) => ms), slotMs: WIDTHS.map(() => 0) }
  return {
    table,
    levelMs: (width) => passMs(times, width, 0),
    spend: async (width) => {
      await run(width)
    },
    close: () => forward.dispose(),
  }
}
