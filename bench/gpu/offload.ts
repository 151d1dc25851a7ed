/** The 7B shape with room on the GPU for a third of its layers: the others pass through it from pinned memory. */
import { openEngine } from '../../src/index.js'
import { budgetFor } from '../../src/open/budget/budget-for.js'
import { checkOptions } from '../../src/open/check-options.js'
import { ratios, replays } from './decode.js'
import { openDraftPasses } from './draft-passes.js'
import { engineOptions, generated } from './generated.js'
import { freeBytes, type Part } from './kit.js'
import { PAPER } from './shapes.js'

/** Bounds of what is looked for, and how near it is found. */
const [LEAST_BYTES, MOST_BYTES, NEAR_BYTES] = [1e9, 64e9, 1e4]

export const offload: Part = async (kit) => {
  const model = await generated('7b', kit.shapes['7b'], { ...kit, onDevice: false })
  const given = { ...engineOptions(model, kit), maxBatch: 1, memory: kit.memory }
  const layersWith = async (deviceMemory: number): Promise<number> =>
    budgetFor(checkOptions({ ...given, deviceMemory }), model, null, 1).then(
      (plan) => plan!.deviceLayers,
      () => -1,
    )
  const deviceMemory = await leastFor(Math.floor(model.manifest.spec.layers.length / 3), layersWith)
  const draft = await openDraftPasses(kit, 'cpu')
  const before = await freeBytes()
  const engine = await openEngine({ ...given, deviceMemory, drafters: replays(draft) })
  try {
    const after = await freeBytes()
    const { layers, deviceLayers, residentLayers, bytesPerPass, maxNodes } = engine.info.streamed!
    kit.record('offload, opened', {
      layers,
      'on the GPU': deviceLayers,
      'in pinned memory': residentLayers,
      'read from disk for a pass, bytes': bytesPerPass,
      'nodes at most': maxNodes,
      'taken of the GPU, bytes': before === null || after === null ? null : before - after,
    })
    kit.record('offload, passes of the draft on the CPU', draft.table)
    kit.record('offload, plain and trees', await ratios(engine, kit.tokens, PAPER.offload))
  } finally {
    await engine.close()
    await draft.close()
  }
}

/** The least memory, nearly, with which so many layers stay on the device. */
async function leastFor(layers: number, layersWith: (deviceMemory: number) => Promise<number>): Promise<number> {
  let [low, high] = [LEAST_BYTES, MOST_BYTES]
  while (high - low > NEAR_BYTES) {
    const middle = Math.round((low + high) / 2)
    if ((await layersWith(middle)) < layers) low = middle
    else high = middle
  }
  return high
}
