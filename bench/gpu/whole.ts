/** Shapes that the GPU holds as a whole: t(n), memory, plain decoding, and the best trees of replayed acceptance. */
import { openEngine } from '../../src/index.js'
import type { Engine, EngineOptions } from '../../src/api/types.js'
import { generatedRequest, rateOf, ratios, replays } from './decode.js'
import { openDraftPasses } from './draft-passes.js'
import { engineOptions, generated, type Generated } from './generated.js'
import { freeBytes, type Kit, type Part } from './kit.js'
import { PAPER, type Piece } from './shapes.js'

/** Opens a shape on the device, and says what that took. */
async function opened(
  kit: Kit,
  piece: Piece,
  more: Partial<EngineOptions>,
  called: string = piece,
): Promise<[Engine, Generated]> {
  const started = performance.now()
  const model = await generated(piece, kit.shapes[piece], { ...kit, onDevice: true })
  const made = performance.now()
  const before = await freeBytes()
  const engine = await openEngine({ ...engineOptions(model, kit), ...more })
  const after = await freeBytes()
  kit.record(`${called}, opened`, {
    'weights made, s': (made - started) / 1000,
    'opened and timed, s': (performance.now() - made) / 1000,
    'weights, bytes': model.weightBytes,
    'taken of the GPU, bytes': before === null || after === null ? null : before - after,
    bitExact: engine.info.bitExact,
    'kinds of passes with other bits': engine.info.inexactPasses?.length ?? 0,
  })
  return [engine, model]
}

/** t(n) as the engine measured it when it opened. */
function passTimes(engine: Engine): object[] {
  const { rows, contexts, ms } = engine.tuning().target
  const [at] = contexts.keys()
  return rows.map((n, i) => ({ rows: n, ms: ms[i][at], 'of t(1)': ms[i][at] / ms[0][at] }))
}

/** `piece`: plain against the best trees, one request at a time. */
export const whole =
  (piece: Piece): Part =>
  async (kit) => {
    const draft = await openDraftPasses(kit, 'cuda')
    try {
      kit.record(`${piece}, passes of the draft`, draft.table)
      const [engine] = await opened(kit, piece, { maxBatch: 1, drafters: replays(draft) })
      try {
        kit.record(`${piece}, t(n)`, passTimes(engine))
        kit.record(`${piece}, plain and trees`, await ratios(engine, kit.tokens, PAPER[piece]))
      } finally {
        await engine.close()
      }
    } finally {
      await draft.close()
    }
  }

/** The 7B shape with its passes replayed as CUDA graphs, beside what `whole('7b')` says of passes run afresh. */
export const graphs: Part = async (kit) => {
  const draft = await openDraftPasses(kit, 'cuda')
  const called = '7b replayed'
  try {
    const [engine] = await opened(kit, '7b', { maxBatch: 1, drafters: replays(draft), cudaGraphs: true }, called)
    try {
      kit.record(`${called}, t(n)`, passTimes(engine))
      kit.record(`${called}, plain and trees`, await ratios(engine, kit.tokens, undefined))
    } finally {
      await engine.close()
    }
  } finally {
    await draft.close()
  }
}

/** The 7B shape with several requests at a time, plainly. */
export const batch: Part = async (kit) => {
  const [engine] = await opened(kit, '7b', { maxBatch: Math.max(...kit.batches) })
  const rows: object[] = []
  try {
    for (const requests of kit.batches) {
      const request = { ...generatedRequest(kit.tokens.batch), draft: 'none' }
      const rates = await Promise.all(
        Array.from({ length: requests }, () => rateOf(engine, `${requests} at a time`, request)),
      )
      const perSecond = rates.reduce((sum, rate) => sum + 1000 / rate['ms a token'], 0)
      rows.push({ requests, 'tokens a second': perSecond, 'of each': perSecond / requests })
      kit.record('7b, requests at a time', rows)
    }
  } finally {
    await engine.close()
  }
}
