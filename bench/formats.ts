/**
 * `npm run bench -- formats [smollm2] [1.1b] [3b] [7b] [tiny] [--rounds=N] [--layers=N] [--peer=no]`: t(n) of W8A8 and
 * q4 by turns, on SmolLM2 and on shapes of Llamas with generated weights (`--layers`: so many of their layers); beside
 * them what a plain token takes node-llama-cpp on SmolLM2's file, and on files of those shapes in Q4_0; and for the
 * shapes the best tree of a draft of one layer, by our own pair's acceptance. Without names SmolLM2, `1.1b` and `3b`.
 */
import { existsSync } from 'node:fs'
import type { PlainShape } from '../src/architectures/index.js'
import { cacheFolder } from '../src/common/cache-folder.js'
import { formatNamed } from '../src/formats/index.js'
import { ensureImported, graphsOf, type ImportedModel } from '../src/import/index.js'
import { forwardInfo } from '../src/open/open-model.js'
import type { Forward } from '../src/runtime/forward.js'
import { openForward } from '../src/runtime/open-forward.js'
import { defaultThreads } from '../src/runtime/threads.js'
import type { PassTimes } from '../src/speculation/pass-times.js'
import { smollm2File } from '../test/support/smollm2.js'
import { generatedGguf, generatedImport } from './formats/generated.js'
import { SHAPES } from './formats/shapes.js'
import { bestTrees } from './formats/best-tree.js'
import { namesOf, optionOf } from './option.js'
import { timeMs } from './passes.js'
import { LlamaPeer, tokenMs } from './peers/llama-peer.js'
import { quantile } from './stats.js'

export const name = 'formats'
export const describe = 't(n) of W8A8 and q4 on SmolLM2 and on larger shapes, and the best trees, beside node-llama-cpp'

const FORMATS = ['w8a8', 'q4']
/** Drafts are W8A8: their trees have many rows. */
const DRAFT = { name: 'draft, w8a8', format: 'w8a8' }
const ROWS = [1, 2, 4, 8, 16]
const CONTEXT = 256
const ROUNDS = 15
const PEER = 'node-llama-cpp'
const PEER_TOKENS = 64
const USUAL = ['smollm2', '1.1b', '3b']

type Row = Record<string, string | number>

export async function run(args: readonly string[]): Promise<object> {
  const pieces = namesOf(args, { what: 'piece', known: ['smollm2', ...Object.keys(SHAPES)], usual: USUAL })
  const rounds = Number(optionOf(args, 'rounds') ?? ROUNDS)
  const hasPeer = optionOf(args, 'peer') !== 'no'
  const rows: Row[] = []
  const trees: Row[] = []
  for (const piece of pieces) {
    if (piece === 'smollm2' && !existsSync(smollm2File)) continue
    const shape = piece === 'smollm2' ? null : shapeOf(piece, optionOf(args, 'layers'))
    const sides: Side[] = FORMATS.map((format) => ({
      name: format,
      open: () => (shape ? generatedImport(shape, format) : smollm2(format)),
    }))
    if (shape) sides.push({ name: DRAFT.name, open: () => generatedImport({ ...shape, layers: 1 }, DRAFT.format) })
    const timings = await timed(sides, rounds)
    const token = hasPeer ? await peerTokenMs(shape ? () => generatedGguf(shape) : () => smollm2File) : null
    rows.push(...timings.map((timing) => rowOf(piece, timing)))
    if (token !== null) rows.push({ model: piece, format: PEER, 't(1), ms': token })
    if (shape) trees.push(...treesOf(piece, timings, token))
  }
  return { rows, trees }
}

function rowOf(model: string, { name: format, megabytes, times }: Timing): Row {
  return {
    model,
    format,
    'weights, MB': megabytes,
    ...Object.fromEntries(ROWS.map((rows, r) => [`t(${rows}), ms`, times.baseMs[r]])),
  }
}

/** Of each format; `peerMs`: a plain token of node-llama-cpp. */
function treesOf(model: string, timings: readonly Timing[], peerMs: number | null): Row[] {
  const draft = timings.find(({ name }) => name === DRAFT.name)!.times
  return timings
    .filter(({ name }) => name !== DRAFT.name)
    .flatMap(({ name, times }) =>
      bestTrees(times, draft).map((tree) => ({
        model,
        format: name,
        ...tree,
        'times plain': (tree['tokens/s'] * times.baseMs[0]) / 1000,
        ...(peerMs !== null && { [`times ${PEER}`]: (tree['tokens/s'] * peerMs) / 1000 }),
      })),
    )
}

function shapeOf(piece: string, layers: string | undefined): PlainShape {
  return layers === undefined ? SHAPES[piece] : { ...SHAPES[piece], layers: Number(layers) }
}

function smollm2(format: string): Promise<ImportedModel> {
  return ensureImported(smollm2File, { cacheDir: cacheFolder(), format })
}

interface Side {
  name: string
  open(): Promise<ImportedModel>
}

interface Timing {
  name: string
  megabytes: number
  times: PassTimes
}

/** All take turns, so that noise of the machine hits all. */
async function timed(sides: readonly Side[], rounds: number): Promise<Timing[]> {
  const forwards: Forward[] = []
  const megabytes: number[] = []
  for (const { open } of sides) {
    const imported = await open()
    const { manifest } = imported
    const graph = {
      ...graphsOf(imported, { grouped: false }),
      info: forwardInfo(manifest),
      leastRows: await formatNamed(manifest.format).leastRows?.(cacheFolder()),
    }
    megabytes.push(manifest.checks[manifest.files.weights[0]].bytes / 1e6)
    forwards.push(await openForward(graph, { threads: defaultThreads(), slots: CONTEXT }))
  }
  const measured = sides.map(() => ROWS.map((): number[] => []))
  const logits = new Float32Array(Math.max(...ROWS) * forwards[0].info.vocab)
  for (let round = 0; round <= rounds; round++) {
    for (const [r, rows] of ROWS.entries()) {
      for (const [f, forward] of forwards.entries()) {
        const ms = await timeMs(forward, rows, CONTEXT, logits)
        if (round > 0) measured[f][r].push(ms)
      }
    }
  }
  for (const forward of forwards) await forward.dispose()
  return sides.map(({ name }, f) => ({
    name,
    megabytes: megabytes[f],
    times: { rows: ROWS, baseMs: measured[f].map((list) => quantile(list, 0.25)), slotMs: ROWS.map(() => 0) },
  }))
}

/** Milliseconds of a plain token at its best number of threads; null where it is not installed. */
async function peerTokenMs(file: () => string | Promise<string>): Promise<number | null> {
  if (!LlamaPeer.isInstalled()) return null
  const measured = (peer: LlamaPeer): Promise<number> => tokenMs(peer, CONTEXT, PEER_TOKENS)
  const peer = (await LlamaPeer.openBest(await file(), measured))!
  const ms = await measured(peer)
  peer.close()
  return ms
}
