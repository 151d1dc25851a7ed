/**
 * The paper's headline figures beside ours: what was measured here on models of ours, and what the published acceptance
 * vector brings by replay on times that were measured.
 */
import cpu from '../results/cpu.json' with { type: 'json' }
import offload from '../results/offload-big.json' with { type: 'json' }
import type { HardwareRow } from './hardware.js'

export interface HeadlineRow {
  claim: string
  /** Speed-up over plain decoding, as published. */
  paper: number
  paperOn: string
  measured: number
  measuredOn: string
  /** The optimizer's tree for the published acceptance vector on times measured here. */
  replayed: number
  replayedOn: string
  between: string
}

/** Abstract of arXiv 2402.12374: the models' own speed-ups on one GPU, and with weights copied to it layer by layer. */
const PAPER = {
  inMemory: { speedup: 4.04, on: 'Llama 2 7B with a draft of 68M, A100, greedy' },
  streamed: { speedup: 9.96, on: 'Llama 2 70B, weights copied to an L40 layer by layer, 0.56 s a token' },
}

export const PUBLISHED = 'published vector'

export function headline(rows: readonly HardwareRow[], here: string): HeadlineRow[] {
  const replayed = (machine: string): number =>
    rows.find((row) => row.pair === PUBLISHED && row.choice === 'optimizer' && row.machine === machine)!.predicted
  const chat = cpu.results['chat, T=0'].rows.find(({ way }) => way === 'default')!
  const big = offload.results.big.rows.find(({ way }) => way.endsWith('published pair'))!
  return [
    {
      claim: 'in memory',
      paper: PAPER.inMemory.speedup,
      paperOn: PAPER.inMemory.on,
      measured: chat.ratio,
      measuredOn: `SmolLM2-135M, greedy chat, draft and n-grams, ${cpu.machine.cpu}, ${cpu.machine.cores} cores`,
      replayed: replayed(here),
      replayedOn: here,
      between:
        'a GPU computes dozens of rows in the time of one; on two cores 16 rows take half as long again, or more',
    },
    {
      claim: 'weights streamed',
      paper: PAPER.streamed.speedup,
      paperOn: PAPER.streamed.on,
      measured: big['times faster than plain streaming']!,
      measuredOn: 'the shape of Llama 2 7B, streamed from disk, real passes and plans, acceptance replayed',
      replayed: replayed(STREAMED),
      replayedOn: STREAMED,
      between:
        'the published vector is of a draft of 68M for 7B; the paper drafts for 70B with a model of 7B, and is right ' +
        'more often',
    },
  ]
}

export const STREAMED = 'a 7B model streamed from disk'
