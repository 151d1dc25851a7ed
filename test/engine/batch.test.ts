// @process native
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { openEngine, SequoiaError } from '../../src/index.js'
import type { Engine, GenerateRequest } from '../../src/api/types.js'
import { closeEngines, engineFor } from '../support/engines.js'
import { collect, TREES } from '../support/equality.js'
import { seeded } from '../support/random-llama.js'

const batch = suite('several requests at once')
batch.after(closeEngines)

const micro = (): Promise<Engine> => engineFor({ target: 'micro', maxBatch: 16 })
const PROMPTS = [
  'This package is',
  '# API\n\n## Usage\n\n```js\nconst',
  'Install with npm. Install with npm. Install with',
  '- [ ] one\n- [ ] two\n- [ ]',
]

/** Requests of many kinds, the same for the same seed. */
function mixture(count: number, seed: number): GenerateRequest[] {
  const random = seeded(seed)
  const pick = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)]
  return Array.from({ length: count }, (_, i) => ({
    prompt: pick(PROMPTS).repeat(1 + Math.floor(random() * 12)),
    maxTokens: 10 + Math.floor(random() * 50),
    draft: pick(['none', 'model', 'ngram', 'merged']),
    seed: i,
    ...pick<Partial<GenerateRequest>>([
      {},
      { temperature: 0.8 },
      { temperature: 1.2, topP: 0.9 },
      { temperature: 1, repetitionPenalty: 1.2 },
    ]),
    ...pick<Partial<GenerateRequest>>([{}, {}, { tree: TREES.fork }, { tree: TREES.binary }]),
  }))
}

function assertIdle(engine: Engine): void {
  const { slotsUsed, running, waiting } = engine.usage()
  assert.equal({ slotsUsed, running, waiting }, { slotsUsed: 0, running: 0, waiting: 0 })
}

for (const count of [4, 16]) {
  batch(`among ${count}, a request has the text it has alone, whatever the others are`, async () => {
    const engine = await micro()
    const requests = mixture(count, count)
    const together = await Promise.all(requests.map((request) => collect(engine, request)))
    for (const [i, request] of requests.entries()) {
      const alone = await collect(engine, { ...request, draft: 'none', tree: undefined })
      assert.equal(together[i].tokens, alone.tokens, JSON.stringify(request))
    }
    assertIdle(engine)
  })
}

batch(
  'requests may come and go at any time: those that stay keep their texts, and nothing is left behind',
  async () => {
    const engine = await micro()
    const random = seeded(3)
    const requests = mixture(24, 5)
    const alone: number[][] = []
    for (const request of requests)
      alone.push((await collect(engine, { ...request, draft: 'none', tree: undefined })).tokens)
    const running = requests.map(async (request, i) => {
      await new Promise((resolve) => setTimeout(resolve, random() * 80))
      if (i % 3 > 0) return assert.equal((await collect(engine, request)).tokens, alone[i])
      const controller = new AbortController()
      setTimeout(() => controller.abort(), random() * 40)
      const { tokens } = await collect(engine, { ...request, signal: controller.signal })
      assert.equal(tokens, alone[i].slice(0, tokens.length), 'what came before the abort')
    })
    await Promise.all(running)
    assertIdle(engine)
  },
)

batch('lanes are given up when the load is gone', async () => {
  const engine = await micro()
  let most = 0
  const requests = mixture(8, 9).map(async (request) => {
    for await (const _ of engine.generate(request)) most = Math.max(most, engine.usage().slots)
  })
  await Promise.all(requests)
  await collect(engine, { prompt: PROMPTS[0], maxTokens: 60, draft: 'none' })
  await collect(engine, { prompt: PROMPTS[0], maxTokens: 5, draft: 'none' })
  assert.ok(engine.usage().slots <= most / 8, `${engine.usage().slots} of ${most} slots`)
})

batch('a reader that does not read holds up its own answer only', async () => {
  const engine = await micro()
  const slow = engine.generate({ prompt: PROMPTS[0], maxTokens: 40, seed: 1, temperature: 0.8 })[Symbol.asyncIterator]()
  const first = await slow.next()
  const others = await Promise.all(mixture(4, 2).map((request) => collect(engine, request)))
  assert.ok(others.every(({ tokens }) => tokens.length > 0))
  assert.is(engine.usage().running, 1)
  const tokens = [...first.value!.tokens]
  for (let next = await slow.next(); !next.done; next = await slow.next()) tokens.push(...next.value.tokens)
  assert.equal(tokens, (await collect(engine, { prompt: PROMPTS[0], maxTokens: 40, seed: 1, temperature: 0.8 })).tokens)
  assertIdle(engine)
})

batch('while a long prompt is read, a running answer goes on', async () => {
  const engine = await micro()
  const progress = { tokens: 0 }
  const short = (async () => {
    for await (const part of engine.generate({ prompt: PROMPTS[0], maxTokens: 200, draft: 'none', ignoreEos: true }))
      progress.tokens += part.tokens.length
  })()
  while (progress.tokens < 3) await new Promise((resolve) => setImmediate(resolve))
  const before = progress.tokens
  const long = engine.generate({ prompt: 'word '.repeat(500), maxTokens: 1 })[Symbol.asyncIterator]()
  await long.next()
  const between = progress.tokens - before
  await long.return?.()
  await short
  assert.ok(between >= 8, `${between} tokens came while 500 tokens of prompt were read`)
  assertIdle(engine)
})

batch(
  'as many as may decode and wait are taken; one more is refused, and a place given up is taken by the next',
  async () => {
    const engine = await openEngine({ target: 'micro', maxBatch: 2, maxQueue: 1 })
    const request = { prompt: PROMPTS[0], maxTokens: 30 }
    const taken = [1, 2, 3].map(() => collect(engine, request))
    await new Promise((resolve) => setImmediate(resolve))
    const { running, waiting } = engine.usage()
    assert.equal([running, waiting], [2, 1])
    const error: unknown = await collect(engine, request).catch((reason: unknown) => reason)
    assert.is((error as SequoiaError).code, 'overloaded')
    const closed = engine.close()
    const texts = await Promise.all(taken)
    assert.equal(texts[2].tokens, texts[0].tokens)
    await closed
  },
)

batch('a ceiling on K/V bytes says how many requests fit; less than one is refused with what would do', async () => {
  const perToken = 6 * 2 * 64 * 5 + 2 * 64 * 5
  const request = 256 + 64
  const engine = await openEngine({ target: 'micro', maxContext: 256, kvBytes: 3.5 * request * perToken })
  const taken = Array.from({ length: 5 }, () => collect(engine, { prompt: PROMPTS[0], maxTokens: 40 }))
  await new Promise((resolve) => setImmediate(resolve))
  const { running, waiting } = engine.usage()
  assert.equal([running, waiting], [3, 2])
  await Promise.all(taken)
  await engine.close()
  for (const [options, words] of [
    [{ kvBytes: 1000 }, /kvBytes 1000 is too little for 1 request\(s\) of 320 tokens at \d+ bytes each; give \d+/],
    [{ kvBytes: 3.5 * request * perToken, maxBatch: 4 }, /too little for 4 request\(s\)/],
  ] as const) {
    const error: unknown = await openEngine({ target: 'micro', maxContext: 256, ...options }).catch(
      (reason: unknown) => reason,
    )
    assert.match((error as Error).message, words)
  }
})

batch.run()
