// @process native
/**
 * Engines whose models lie on a device as a whole, the stand-in in a GPU's place: trees give plain decoding's tokens,
 * drafts and prefixes included, and nothing of the device's memory is kept.
 */
import { fileURLToPath } from 'node:url'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { EngineOptions } from '../../src/api/types.js'
import { openEngine } from '../../src/open/open-engine.js'
import { loadOrtApi } from '../../src/runtime/binding/api.js'
import { DEVICES } from '../../src/runtime/binding/device.js'
import { InvalidArgumentError } from '../../src/spec/errors.js'
import { assertEqualsPlain, assertSpeculated, collect, newTotals, TREES } from '../support/equality.js'
import { STAND_IN, watchBlocks } from '../support/stand-in-device.js'
import { watchReplays } from '../support/stand-in-replays.js'
import { tempFolder } from '../support/temp-folder.js'

const cacheDir = tempFolder()
const gpu = DEVICES.cuda
test.before(() => {
  DEVICES.cuda = () => STAND_IN
})
test.after(() => {
  DEVICES.cuda = gpu
})

const open = (more: Partial<EngineOptions> = {}): ReturnType<typeof openEngine> =>
  openEngine({ target: 'micro', device: 'cuda', cacheDir, maxContext: 96, maxBatch: 2, ...more })
const fixture = (path: string): string => fileURLToPath(new URL(`../fixtures/${path}`, import.meta.url))
const request = { prompt: 'This package is', maxTokens: 16, temperature: 0 }

for (const [format, trees] of [
  ['fp32', Object.entries(TREES)],
  ['fp16', Object.entries(TREES).slice(0, 1)],
] as const)
  test(`${format}: trees on a device give the tokens of plain decoding, greedy and sampled`, async () => {
    const { held, taken, stop } = watchBlocks(await loadOrtApi())
    const engine = await open({ format })
    try {
      assert.equal([engine.info.device, engine.info.format, engine.info.runtime], ['cuda', format, 'binding'])
      const totals = newTotals()
      for (const [name, tree] of trees)
        for (const more of [{ temperature: 0 }, { temperature: 0.8, seed: 5 }])
          await assertEqualsPlain(engine, { ...request, ...more, tree: [...tree] }, totals, `${format}, ${name}`)
      assert.ok(totals.accepted > 0 && totals.accepted < totals.drafted, JSON.stringify(totals))
      // Requests that run together, one of which is given up.
      const alone = await collect(engine, request)
      const controller = new AbortController()
      const given = collect(engine, { ...request, maxTokens: 60, signal: controller.signal }).catch(() => undefined)
      const [one, other] = await Promise.all([collect(engine, request), collect(engine, { ...request, draft: 'none' })])
      controller.abort()
      await given
      assert.equal([one.text, other.text], [alone.text, alone.text])
      assert.is(engine.info.bitExact, engine.info.inexactPasses!.length === 0)
    } finally {
      await engine.close()
      stop()
    }
    assert.ok(taken() > 0)
    assert.is(held.size, 0, 'blocks of its memory that are left')
  })

test('q4, and a head that reads the target’s layers, both replayed: the tokens of plain decoding', async () => {
  const models = { target: fixture('families/smollm3'), draft: fixture('eagle3/trained'), cudaGraphs: true }
  const { counts, stop } = watchReplays(await loadOrtApi())
  const lines: string[] = []
  const onProgress: EngineOptions['onProgress'] = ({ text }) => lines.push(text)
  const engine = await open({ ...models, format: 'q4', maxContext: 64, maxBatch: 1, onProgress })
  const atOpen = { ...counts }
  try {
    assert.equal([engine.info.format, engine.info.device, engine.info.draft], ['q4', 'cuda', 'trained'])
    assert.match(lines.join(), /draft trained: its first guess is the likeliest token/)
    const totals = newTotals()
    for (const more of [{ temperature: 0 }, { temperature: 0.8, seed: 5 }])
      for (const tree of Object.values(TREES))
        await assertEqualsPlain(
          engine,
          { ...request, prompt: 'one two three', ignoreEos: true, ...more, tree: [...tree], draft: 'model' },
          totals,
          'q4',
        )
    assertSpeculated(totals)
    const seen = JSON.stringify([atOpen, counts])
    assert.ok(atOpen.captures > 0 && atOpen.replays > atOpen.captures && counts.replays > atOpen.replays, seen)
    assert.ok(counts.afresh > atOpen.afresh, 'prompts come in between')
  } finally {
    await engine.close()
    stop()
  }
})

test('replays that compute with what was recorded are found out at open, and the option is refused', async () => {
  const api = await loadOrtApi()
  const { held, taken, stop: stopBlocks } = watchBlocks(api)
  const { stop } = watchReplays(api, { isStale: true })
  const model = { target: fixture('families/smollm3'), draft: 'none', format: 'fp32', maxContext: 64 } as const
  const error = await open({ ...model, cudaGraphs: true }).then(
    () => null,
    (reason: unknown) => reason,
  )
  stop()
  stopBlocks()
  assert.ok(taken() > 0)
  assert.is(held.size, 0, 'blocks that a refusal leaves')
  assert.instance(error, InvalidArgumentError)
  assert.is((error as InvalidArgumentError).param, 'cudaGraphs')
  assert.match(String(error), /passes of 16, .* rows gave other logits replayed than run afresh; leave cudaGraphs out/)
})

test('with a budget of memory, layers that the device has room for stay there, with the same tokens', async () => {
  const texts: string[] = []
  for (const deviceMemory of [undefined, '1.05GB']) {
    const engine = await open({ memory: '60MB', deviceMemory, draft: 'none' })
    texts.push((await collect(engine, request)).text)
    const { layers, deviceLayers, residentLayers, bytesPerPass } = engine.info.streamed!
    await engine.close()
    if (deviceMemory === undefined) assert.is(deviceLayers, 0)
    else assert.ok(deviceLayers > 0 && deviceLayers + residentLayers <= layers && bytesPerPass >= 0, `${deviceLayers}`)
  }
  assert.is(texts[1], texts[0])
  const refused = await open({ memory: '60MB', deviceMemory: '1GB' }).then(() => null, String)
  assert.match(String(refused), /takes 10\d\d MB of the device's memory \(\d+ bytes: head .* \(1000000000 bytes\)/)
})

test('a budget of the device’s memory that is too small is refused with the bytes', async () => {
  const error = await open({ deviceMemory: '1GB' }).then(
    () => null,
    (reason: unknown) => reason,
  )
  assert.instance(error, InvalidArgumentError)
  assert.match(String(error), /the model takes \d+.* MB of the device's memory.* and 1000000000 bytes\)/)
})

test.run()
