/** Times of passes: of the machine that this runs on, and of others, as they were measured or published. */
import { cpus } from 'node:os'
import type { ModelRunner } from '../../src/passes/model-runner.js'
import offload from '../results/offload-big.json' with { type: 'json' }
import passes from '../results/passes.json' with { type: 'json' }
import { median } from '../stats.js'
import type { MachineProfile, Times } from './hardware.js'
import { STREAMED } from './headline.js'
import type { Pair } from './pair.js'

const TARGET_ROWS = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512]
const DRAFT_ROWS = [1, 2, 4, 8, 16, 32, 64]
/** Tokens of context. */
const SLOTS = 256
const ROUNDS = 5

async function timed(runner: ModelRunner, sizes: readonly number[]): Promise<Times> {
  const ms: number[] = []
  for (const rows of sizes) {
    const rounds: number[] = []
    for (let round = 0; round <= ROUNDS; round++) rounds.push(await runner.time(rows, Math.max(SLOTS, rows)))
    ms.push(median(rounds.slice(1)))
  }
  return { rows: [...sizes], ms }
}

/** The machine that this runs on. */
export async function measured({ name, target, draft }: Pair): Promise<MachineProfile> {
  return {
    machine: `${cpus()[0].model}, ${name}`,
    source: 'timed in this run, 256 tokens of context',
    target: await timed(target, TARGET_ROWS),
    draft: await timed(draft, DRAFT_ROWS),
  }
}

/** Milliseconds of a level of SmolLM2's draft on the Xeon, timed between passes of its target. */
const XEON_DRAFT_MS = 1.7

/** Those of other machines. `demo-config.json` of the paper's code states times of passes up to 32 rows. */
export function others(): MachineProfile[] {
  const { rows } = passes.results
  const threads = Math.max(...rows.map((row) => row.threads))
  const xeon = rows.find((row) => row.threads === threads && row.context === SLOTS)!
  const streamed = offload.results.passes.rows
  return [
    {
      machine: `${passes.machine.cpu}, smollm2-135m`,
      source: 'bench/results/passes.json',
      target: {
        rows: [1, 4, 8, 16, 32],
        ms: [xeon['t(1), ms'], xeon['t(4), ms'], xeon['t(8), ms'], xeon['t(16), ms'], xeon['t(32), ms']],
      },
      draft: { rows: [1], ms: [XEON_DRAFT_MS] },
    },
    {
      machine: STREAMED,
      source: 'bench/results/offload-big.json; a level drafts for as long as a pass of SmolLM2-135M takes',
      target: { rows: streamed.map((row) => row.nodes), ms: streamed.map((row) => 1000 * row['pass, s']) },
      draft: { rows: [1], ms: [xeon['t(1), ms']] },
    },
    {
      machine: 'demo of the paper',
      source: 'demo-config.json of Infini-AI-Lab/Sequoia',
      target: { rows: [1, 2, 4, 8, 16, 32], ms: [10, 10, 10, 12, 14, 18] },
      draft: { rows: [1], ms: [0.3] },
    },
  ]
}
