/**
 * Part (b): a 7B shape in 2 GB. What it says means nothing, so nothing can be accepted: acceptance is replayed from
 * measured vectors (`replay-drafter.ts`), while passes, planning and the walk are real; and the peers.
 */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { forwardInfo, openModel } from '../../src/open/open-model.js'
import { checkOptions } from '../../src/open/check-options.js'
import type { PassTimes } from '../../src/speculation/pass-times.js'
import { graphsOf } from '../../src/import/index.js'
import { openForward } from '../../src/runtime/open-forward.js'
import published from './published-acceptance.json' with { type: 'json' }
import own from '../../models/smollm2-135m-draft/acceptance.json' with { type: 'json' }
import { timeMs } from '../passes.js'
import { median } from '../stats.js'
import { bigModel } from './big-model.js'
import { accelerate, llama, ours, type Outcome, type Ours } from './contenders.js'
import { readRates } from './disk.js'
import type { ReplayRequest } from './ours.js'
import { rowOf, type Row } from './table.js'

export const MEMORY = 2e9
/**
 * Whose passes stand for the draft's: twice as large as the draft that the published vector is of. Its weights' share
 * of the budget is left free.
 */
const DRAFT = 'smollm2-135m'
const DRAFT_ROWS = [1, 4, 16, 64]
const DRAFT_ROUNDS = 5
/** What every engine of this part is opened with besides its target. */
export const OPEN = { draft: 'none', maxContext: 256, maxBatch: 1, prefixCacheBytes: 0 }
const MAX_DEPTH = 16
/** The only token that may come, so that the replay knows it beforehand. */
const TOKEN = 1000
const PROMPT = [10, 11, 12, 13, 14, 15, 16, 17]
const TOKENS = { plain: 5, replayed: 40, peer: 4 }
const TIMEOUT_MS = 900_000

export async function big(python?: string): Promise<object> {
  const { gguf, folder } = await bigModel(python !== undefined)
  const { dir } = await openModel(gguf, checkOptions({ target: gguf }))
  const weights = join(dir, 'weights.bin')
  const disk = await readRates(weights)
  const draft = await draftTimes()
  const limit = { budgetBytes: MEMORY, modelFiles: [weights], timeoutMs: TIMEOUT_MS }
  const open = { target: gguf, ...OPEN }
  const request = { promptTokens: PROMPT, allowedTokens: [TOKEN], ignoreEos: true }

  const plain = await ours('plain streaming', limit, { ...open, memory: MEMORY }, [
    { ...request, maxTokens: TOKENS.plain },
  ])
  const replayed: Outcome<Ours>[] = []
  for (const [name, vectors] of Object.entries({ 'published pair': [published.p], 'own pair, greedy': own.greedy })) {
    const replay: ReplayRequest = {
      name: 'replay',
      vectors,
      token: TOKEN,
      draftTimes: draft.times,
      maxDepth: MAX_DEPTH,
    }
    const opened = { ...open, memory: MEMORY - draft.bytes, replays: [replay] }
    replayed.push(
      await ours(`tree streaming, acceptance replayed: ${name}`, limit, opened, [
        { ...request, maxTokens: TOKENS.replayed, draft: replay.name },
      ]),
    )
  }
  const prompts = [{ tokens: PROMPT, maxTokens: TOKENS.peer }]
  const peers = [await llama({ ...limit, modelFiles: [gguf] }, gguf, prompts)]
  if (folder !== null && python !== undefined)
    peers.push(await accelerate({ ...limit, modelFiles: filesOf(folder) }, python, folder, prompts))
  const there = peers.filter((peer) => peer !== null)
  const baselines = { plain, peers: there, diskBytesPerSecond: disk.sustained, budgetBytes: MEMORY }
  const rows: Row[] = [plain, ...replayed, ...there].map((outcome) => rowOf(outcome, baselines))
  return {
    rows,
    'tree sizes': replayed.map((outcome) => ({
      way: outcome.way,
      nodes: 'done' in outcome ? outcome.done.answers[0].stats.planNodes : null,
    })),
    disk: disk.rows,
    plans: [plain, ...replayed].map((outcome) => ('done' in outcome ? outcome.done.info.streamed : null)),
  }
}

function filesOf(folder: string): string[] {
  return readdirSync(folder).map((file) => join(folder, file))
}

/** Passes of the draft, all in memory, and the bytes of its weights. */
async function draftTimes(): Promise<{ times: PassTimes; bytes: number }> {
  const { dir, manifest } = await openModel(DRAFT, checkOptions({ target: DRAFT }))
  const forward = await openForward(
    { ...graphsOf({ dir, manifest }, { grouped: false }), info: forwardInfo(manifest) },
    { slots: OPEN.maxContext, lanes: 1 },
  )
  const logits = new Float32Array(Math.max(...DRAFT_ROWS) * forward.info.vocab)
  const baseMs: number[] = []
  for (const rows of DRAFT_ROWS) {
    const times: number[] = []
    for (let round = 0; round <= DRAFT_ROUNDS; round++) times.push(await timeMs(forward, rows, OPEN.maxContext, logits))
    baseMs.push(median(times.slice(1)))
  }
  await forward.dispose()
  return {
    times: { rows: DRAFT_ROWS, baseMs, slotMs: DRAFT_ROWS.map(() => 0) },
    bytes: manifest.checks[manifest.files.weights[0]].bytes,
  }
}
