/**
 * `npm run bench -- formats [smollm2] [1.1b] [3b] [tiny] [--rounds=N] [--layers=N] [--peer=no]`: t(n) of W8A8 and q4 by
 * turns, on SmolLM2 and on shapes of Llamas with generated weights (`--layers`: so many of their layers); beside them
 * what a plain token takes node-llama-cpp on SmolLM2's file, and on files of those shapes in Q4_0. Without names all
 * but `tiny`.
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
import { smollm2File } from '../test/support/smollm2.js'
import { generatedGguf, generatedImport } from './formats/generated.js'
import { SHAPES } from './formats/shapes.js'
import { optionOf } from './option.js'
import { timeMs } from './passes.js'
import { LlamaPeer, tokenMs } from './peers/llama-peer.js'
import { quantile } from './stats.js'

export const name = 'formats'
export const describe = 't(n) of W8A8 and q4 on SmolLM2 and on larger shapes, beside node-llama-cpp'

const FORMATS = ['w8a8', 'q4']
const ROWS = [1, 2, 4, 8, 16]
const CONTEXT = 256
const ROUNDS = 15
const PEER_TOKENS = 64
const USUAL = ['smollm2', '1.1b', '3b']

type Row = Record<string, string | number>

export async function run(args: readonly string[]): Promise<object> {
  const given = args.filter((arg) => !arg.startsWith('--'))
  const pieces = given.length === 0 ? USUAL : given
  const unknown = pieces.find((piece) => piece !== 'smollm2' && !SHAPES[piece])
  if (unknown !== undefined)
    throw new Error(`there is no piece "${unknown}"; there are smollm2, ${Object.keys(SHAPES).join(', ')}`)
  const rounds = Number(optionOf(args, 'rounds') ?? ROUNDS)
  const hasPeer = optionOf(args, 'peer') !== 'no'
  const rows: Row[] = []
  for (const piece of pieces) {
    if (piece === 'smollm2' && !existsSync(smollm2File)) continue
    const shape = piece === 'smollm2' ? null : shapeOf(piece, optionOf(args, 'layers'))
    rows.push(...(await timed(piece, rounds, (format) => (shape ? generatedImport(shape, format) : smollm2(format)))))
    const token = hasPeer ? await peerTokenMs(shape ? () => generatedGguf(shape) : () => smollm2File) : null
    if (token !== null) rows.push({ model: piece, format: 'node-llama-cpp', 't(1), ms': token })
  }
  return { rows }
}

function shapeOf(piece: string, layers: string | undefined): PlainShape {
  return layers === undefined ? SHAPES[piece] : { ...SHAPES[piece], layers: Number(layers) }
}

function smollm2(format: string): Promise<ImportedModel> {
  return ensureImported(smollm2File, { cacheDir: cacheFolder(), format })
}

/** Both formats take turns, so that noise of the machine hits both. */
async function timed(model: string, rounds: number, open: (format: string) => Promise<ImportedModel>): Promise<Row[]> {
  const forwards: Forward[] = []
  const megabytes: number[] = []
  for (const format of FORMATS) {
    const imported = await open(format)
    const graph = {
      ...graphsOf(imported, { grouped: false }),
      info: forwardInfo(imported.manifest),
      leastRows: await formatNamed(format).leastRows?.(cacheFolder()),
    }
    megabytes.push(imported.manifest.checks[imported.manifest.files.weights[0]].bytes / 1e6)
    forwards.push(await openForward(graph, { threads: defaultThreads(), slots: CONTEXT }))
  }
  const times = FORMATS.map(() => ROWS.map((): number[] => []))
  const logits = new Float32Array(Math.max(...ROWS) * forwards[0].info.vocab)
  for (let round = 0; round <= rounds; round++) {
    for (const [r, rows] of ROWS.entries()) {
      for (const [f, forward] of forwards.entries()) {
        const ms = await timeMs(forward, rows, CONTEXT, logits)
        if (round > 0) times[f][r].push(ms)
      }
    }
  }
  for (const forward of forwards) await forward.dispose()
  return FORMATS.map((format, f) => ({
    model,
    format,
    'weights, MB': megabytes[f],
    ...Object.fromEntries(ROWS.map((rows, r) => [`t(${rows}), ms`, quantile(times[f][r], 0.25)])),
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
