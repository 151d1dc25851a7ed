// @process native
/**
 * Engines in a budget of memory, on the micro pair: the same texts from streamed weights, room shared by several
 * requests, files that break.
 */
import { cpSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { openEngine } from '../../src/index.js'
import type { Engine, GenerateRequest } from '../../src/api/types.js'
import type { SequoiaError } from '../../src/spec/errors.js'
import { closeEngines, engineFor } from '../support/engines.js'
import { collect } from '../support/equality.js'
import { tempFolder } from '../support/temp-folder.js'

/** Some of the six layers stay in memory, the others do not. */
const MEMORY = '25MB'
const memory = suite('memory')
memory.after(closeEngines)

async function tokensOf(engine: Engine, request: Partial<GenerateRequest>): Promise<number[]> {
  return (await collect(engine, { prompt: 'const sum =', maxTokens: 16, ...request })).tokens
}

async function failure(work: Promise<unknown>): Promise<SequoiaError> {
  return work.then(
    () => assert.unreachable('it did not fail'),
    (error: SequoiaError) => error,
  ) as Promise<SequoiaError>
}

memory('streamed weights give the tokens of the resident model, greedy and seeded, plain and with trees', async () => {
  const [streamed, resident] = [
    await engineFor({ target: 'micro', memory: MEMORY }),
    await engineFor({ target: 'micro' }),
  ]
  const { info } = streamed
  assert.is(info.runtime, 'streamed')
  assert.ok(
    info.bitExact === resident.info.bitExact &&
      info.streamed!.residentLayers < info.streamed!.layers &&
      info.streamed!.bytesPerPass > 0,
    JSON.stringify(info.streamed),
  )
  for (const request of [
    {},
    { draft: 'none' },
    { temperature: 0.8, seed: 3 },
    { prompt: 'The package is a', draft: 'ngram' },
    { tree: [-1, 0, 0, 1, 1, 2] },
  ] as Partial<GenerateRequest>[]) {
    assert.equal(await tokensOf(streamed, request), await tokensOf(resident, request), JSON.stringify(request))
  }
  const { reads } = streamed.stats()
  assert.ok(reads!.bytesRead > info.streamed!.bytesPerPass && reads!.readMs > 0 && reads!.waitMs >= 0)
  assert.is(resident.stats().reads, null)
})

memory('fp16 models are streamed as well, with the text of the same model in memory', async () => {
  const [streamed, resident] = [
    await engineFor({ target: 'micro', format: 'fp16', memory: '40MB' }),
    await engineFor({ target: 'micro', format: 'fp16' }),
  ]
  const { info } = streamed
  assert.equal(
    [info.format, info.device, info.runtime, info.bitExact, resident.info.runtime],
    ['fp16', 'cpu', 'streamed', false, 'binding'],
  )
  assert.ok(info.streamed!.residentLayers < info.streamed!.layers, JSON.stringify(info.streamed))
  const { streamed: whole } = (await engineFor({ target: 'micro', format: 'fp16', memory: '1GB' })).info
  assert.ok(
    whole!.isStreamed && whole!.residentLayers === whole!.layers,
    'layers that all fit stay halves, as they are counted',
  )
  for (const request of [{}, { draft: 'none' }, { temperature: 0.8, seed: 3 }] as Partial<GenerateRequest>[]) {
    assert.equal(await tokensOf(streamed, request), await tokensOf(resident, request), JSON.stringify(request))
  }
})

memory('a GPU computes in formats of its own, and where there is none the error says what is missing', async () => {
  const format = await failure(openEngine({ target: 'micro', device: 'cuda', format: 'w8a8', memory: '1GB' }))
  const given = await openEngine({ target: 'micro', device: 'cuda', memory: '1GB' }).catch(
    (error: SequoiaError) => error,
  )
  if (given instanceof Error) {
    for (const { message } of [format, given]) assert.match(message, /device "cuda" cannot be had: .*docs\/gpu\.md/)
    assert.is(given.code, 'invalid_argument')
    return
  }
  assert.match(format.message, /device "cuda" computes in format "fp32" or "fp16", not "w8a8"/)
  // Where there is one, it decodes.
  assert.is((await tokensOf(given, {})).length, 16)
  await given.close()
})

memory(
  'requests share the room there is: several at a time where they fit, one after the other where not, with the ' +
    'same tokens',
  async () => {
    const [streamed, resident] = [
      await engineFor({ target: 'micro', memory: MEMORY }),
      await engineFor({ target: 'micro' }),
    ]
    const { cells, maxContext } = streamed.info.streamed!
    const requests = ['const a =', 'import x from', 'function f(', '# Title'].map((prompt) => ({
      prompt,
      maxTokens: 12,
    }))
    let most = 0
    const watched = async (request: GenerateRequest): Promise<number[]> => {
      const tokens: number[] = []
      for await (const part of streamed.generate(request)) {
        tokens.push(...part.tokens)
        most = Math.max(most, streamed.usage().running)
      }
      return tokens
    }
    const together = await Promise.all(requests.map(watched))
    assert.equal(together, await Promise.all(requests.map((request) => tokensOf(resident, request))))
    assert.is(most, 4)
    most = 0
    const long = Array.from({ length: Math.ceil(cells / 2) }, (_, i) => 10 + (i % 50))
    const queued = [long, long.slice(1)].map((promptTokens) => watched({ promptTokens, maxTokens: 8 }))
    assert.equal(await Promise.all(queued), [
      await tokensOf(resident, { prompt: undefined, promptTokens: long, maxTokens: 8 }),
      await tokensOf(resident, { prompt: undefined, promptTokens: long.slice(1), maxTokens: 8 }),
    ])
    assert.is(most, 1)
    assert.ok(streamed.usage().slotsUsed === 0 && streamed.usage().slots <= cells)
    const error = await failure(
      tokensOf(streamed, { promptTokens: Array.from({ length: maxContext }, () => 5), prompt: undefined }),
    )
    assert.is(error.code, 'context_overflow')
  },
)

memory('a request that is aborted in the middle of a pass gives all back, and the next is answered', async () => {
  const engine = await engineFor({ target: 'micro', memory: MEMORY })
  const controller = new AbortController()
  let parts = 0
  for await (const part of engine.generate({
    prompt: 'const sum =',
    maxTokens: 200,
    ignoreEos: true,
    signal: controller.signal,
  })) {
    // The next step's pass is on its way when this runs.
    if (++parts === 2) setImmediate(() => controller.abort())
    if (part.finishReason) assert.is(part.finishReason, 'abort')
  }
  assert.equal([engine.usage().slotsUsed, engine.usage().running], [0, 0])
  assert.is((await tokensOf(engine, {})).length, 16)
})

memory(
  'weights that change or go away fail the requests under way, by name; put back, the engine answers again',
  async () => {
    const cacheDir = tempFolder()
    const engine = await openEngine({ target: 'micro', draft: 'ngram', memory: '23MB', cacheDir })
    try {
      const before = await tokensOf(engine, {})
      const weights = join(
        cacheDir,
        'imported',
        readdirSync(join(cacheDir, 'imported')).find((name) => name.startsWith('target-'))!,
        'weights.bin',
      )
      const whole = readFileSync(weights)
      cpSync(weights, `${weights}.aside`)
      const bad = Uint8Array.from(whole)
      for (let at = 0; at < bad.length; at += 4096) bad[at + 100] ^= 2
      writeFileSync(weights, bad)
      const changed = await failure(tokensOf(engine, {}))
      assert.is(changed.code, 'model_invalid')
      assert.match(changed.message, /weights\.bin: .* are not what import wrote/)
      assert.match((await engine.fault())!.message, /not what import wrote/)
      assert.equal([engine.usage().slotsUsed, engine.usage().running], [0, 0])
      renameSync(`${weights}.aside`, weights)
      assert.is(await engine.fault(), null)
      assert.equal(await tokensOf(engine, {}), before)
      renameSync(weights, `${weights}.aside`)
      assert.is((await failure(tokensOf(engine, {}))).code, 'model_not_found')
      assert.match((await engine.fault())!.message, /is gone/)
      renameSync(`${weights}.aside`, weights)
      assert.equal(await tokensOf(engine, {}), before, 'without being asked about it')
      assert.is(await engine.fault(), null)
    } finally {
      await engine.close()
    }
  },
)

memory('formats that cannot be streamed are refused by name', async () => {
  const error = await failure(openEngine({ target: 'micro', format: 'fp32', draft: 'none', memory: '1GB' }))
  assert.match(error.message, /memory bounds models in formats fp16 and w8a8; this one is opened in fp32/)
})

memory.run()
