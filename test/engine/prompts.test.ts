// @process native
/**
 * How prompts are read: what they cost, who waits for whom. The micro pair decodes; passes are counted at the graphs.
 */
import { IN_MEMORY } from '../../src/runtime/backend.js'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { APART, Prompts } from '../../src/engine/prompts.js'
import type { Engine, GenerateRequest } from '../../src/api/types.js'
import { closeEngines, engineFor } from '../support/engines.js'
import { collect, TREES } from '../support/equality.js'
import { passesOf, promptRowsOf } from '../support/passes.js'

const prompts = suite('reading prompts')
prompts.after(closeEngines)

/** Nothing is kept of texts that ended: what is saved is saved between requests that run. */
const micro = (): Promise<Engine> => engineFor({ target: 'micro', maxBatch: 16, prefixCacheBytes: 0 })
/** With every prompt read apart that is read while others decode, whatever this machine's passes take. */
async function readingApart(work: () => Promise<unknown>): Promise<void> {
  const policy = Prompts.prototype as unknown as { paysApart: () => boolean }
  const { paysApart } = policy
  policy.paysApart = () => true
  try {
    await work()
  } finally {
    policy.paysApart = paysApart
  }
}

const LONG = 'Install with npm. '.repeat(15)

prompts('several choices read their prompt once, and are each what they are alone', async () => {
  const engine = await micro()
  for (const [count, more] of [
    [4, {}],
    [8, { draft: 'model', tree: TREES.fork }],
  ] as [number, Partial<GenerateRequest>][]) {
    const requests = Array.from({ length: count }, (_, choice): GenerateRequest => ({
      prompt: LONG,
      maxTokens: 6,
      ignoreEos: true,
      seed: 5,
      temperature: 0.8,
      choice,
      draft: 'none',
      ...more,
    }))
    const answers: Awaited<ReturnType<typeof collect>>[] = []
    const passes = await passesOf(async () =>
      answers.push(...(await Promise.all(requests.map((request) => collect(engine, request))))),
    )
    const { promptTokens } = answers[0].stats
    assert.ok(promptTokens > 60)
    assert.is(promptRowsOf(passes), promptTokens - 1)
    assert.equal(
      answers.map(({ stats }) => stats.cachedTokens).sort((a, b) => a - b),
      [0, ...Array.from({ length: count - 1 }, () => promptTokens - 1)],
    )
    for (const [i, request] of requests.entries())
      assert.equal(answers[i].tokens, (await collect(engine, { ...request, draft: 'none', tree: undefined })).tokens)
  }
  assert.is(engine.usage().slotsUsed, 0)
})

prompts('a choice that comes while another already decodes copies as well', async () => {
  const engine = await micro()
  const first = engine.generate({ prompt: LONG, maxTokens: 60, ignoreEos: true, draft: 'none' })[Symbol.asyncIterator]()
  await first.next()
  const { stats, tokens } = await collect(engine, { prompt: LONG, maxTokens: 12, ignoreEos: true, draft: 'none' })
  await first.return?.()
  assert.is(stats.cachedTokens, stats.promptTokens - 1)
  assert.equal(tokens, (await collect(engine, { prompt: LONG, maxTokens: 12, ignoreEos: true, draft: 'none' })).tokens)
})

prompts('who copied from one that leaves in the middle goes on by itself', async () => {
  const engine = await micro()
  // As tokens, which are read from the next step on: a long text is first encoded in a thread.
  const promptTokens = await engine.encode({ prompt: 'word '.repeat(450) })
  const leave = new AbortController()
  const answer = engine.generate({ prompt: 'This package is', maxTokens: 900, ignoreEos: true, draft: 'none' })
  const busy = answer[Symbol.asyncIterator]()
  await busy.next()
  const first = collect(engine, { promptTokens, maxTokens: 4, draft: 'none', signal: leave.signal })
  const second = collect(engine, { promptTokens, maxTokens: 4, draft: 'none' })
  for (let step = 0; step < 4; step++) await busy.next()
  leave.abort()
  // Nobody asks for steps any more: what is left is read at once.
  await busy.return?.()
  assert.is((await first).tokens.length, 0)
  const { stats, tokens } = await second
  assert.ok(
    stats.cachedTokens > 0 && stats.cachedTokens < stats.promptTokens - 1,
    `${stats.cachedTokens} of ${stats.promptTokens} were copied`,
  )
  assert.equal(tokens, (await collect(engine, { promptTokens, maxTokens: 4, draft: 'none' })).tokens)
  assert.is(engine.usage().slotsUsed, 0)
})

prompts('prompts that come together share passes', async () => {
  const engine = await micro()
  const requests = Array.from({ length: 8 }, (_, i): GenerateRequest => ({
    prompt: `${i} is a number, and so is ${i + 1}`,
    maxTokens: 4,
    ignoreEos: true,
    draft: 'none',
  }))
  const passes = await passesOf(() => Promise.all(requests.map((request) => collect(engine, request))))
  const reading = passes.filter(({ promptRows }) => promptRows > 0)
  assert.ok(reading.length <= 2 && Math.max(...reading.map(({ lanes }) => lanes)) >= 7, JSON.stringify(reading))
})

prompts(
  'between two steps at most 32 rows of prompts are read along or 64 apart; short prompts do not wait for long ' +
    'ones, nor are those forgotten',
  async () => {
    const engine = await micro()
    const answered: string[] = []
    const ask = async (name: string, prompt: string, maxTokens: number): Promise<void> => {
      await collect(engine, { prompt, maxTokens, ignoreEos: true, draft: 'none' })
      answered.push(name)
    }
    const passes = await passesOf(async () => {
      const busy = ask('busy', 'This package is', 300)
      await new Promise((resolve) => engine.events.once('step', resolve))
      const long = [ask('long', LONG.repeat(4), 1), ask('other long', `- ${LONG.repeat(4)}`, 1)]
      for (let i = 0; i < 2; i++) await ask(`short ${i}`, `${i} and`, 1)
      await Promise.all([busy, ...long])
    })
    const begun = passes.slice(passes.findIndex(({ rows, promptRows }) => rows > promptRows))
    for (const [i, { rows, promptRows }] of begun.entries()) {
      const isApart = promptRows === rows
      assert.ok(
        promptRows <= (isApart ? APART.rows : IN_MEMORY.rowsPerPass),
        `${promptRows} rows of prompts among ${rows}`,
      )
      if (isApart) assert.is(begun[i - 1].promptRows, 0, 'a pass over prompts alone comes after a step without')
    }
    assert.equal(answered, ['short 0', 'short 1', 'long', 'other long', 'busy'])
  },
)

prompts(
  'where many decode, prompts that are read in passes of their own cost their own rows and are what they are alone',
  async () => {
    const engine = await micro()
    const ask = (prompt: string, more: Partial<GenerateRequest> = {}): ReturnType<typeof collect> =>
      collect(engine, { prompt, maxTokens: 8, ignoreEos: true, draft: 'none', ...more })
    const leave = new AbortController()
    const texts = [LONG, `- ${LONG}`, '# API', LONG.slice(9), 'word '.repeat(100), 'one more']
    let together: Awaited<ReturnType<typeof collect>>[] = []
    const passes = await passesOf(() =>
      readingApart(async () => {
        const busy = Array.from({ length: 9 }, (_, i) => ask(`${i} is`, { maxTokens: 400, signal: leave.signal }))
        await new Promise((resolve) => engine.events.once('step', resolve))
        together = await Promise.all(texts.map((text) => ask(text, { seed: 3, temperature: 0.9 })))
        leave.abort()
        await Promise.all(busy)
      }),
    )
    const begun = passes.slice(passes.findIndex(({ rows, promptRows }) => rows > promptRows))
    const apart = begun.filter(({ rows, promptRows }) => rows === promptRows)
    assert.ok(apart.length >= 3 && apart.some(({ lanes }) => lanes > 1), JSON.stringify(apart))
    for (const [i, text] of texts.entries())
      assert.equal(together[i].tokens, (await ask(text, { seed: 3, temperature: 0.9 })).tokens)
    assert.is(engine.usage().slotsUsed, 0)
  },
)

prompts('one that leaves while its prompt is read apart leaves nothing behind', async () => {
  const engine = await micro()
  const leave = new AbortController()
  const busy = Array.from({ length: 9 }, (_, i) =>
    collect(engine, { prompt: `${i} is`, maxTokens: 200, ignoreEos: true, draft: 'none', signal: leave.signal }),
  )
  await new Promise((resolve) => engine.events.once('step', resolve))
  const gone = new AbortController()
  let apart = 0
  const left = collect(engine, { prompt: LONG.repeat(5), maxTokens: 4, draft: 'none', signal: gone.signal })
  await passesOf(
    () => readingApart(() => left),
    ({ rows, promptRows }) => rows === promptRows && ++apart === 2 && gone.abort(),
  )
  assert.is((await left).tokens.length, 0)
  assert.is(apart, 2)
  leave.abort()
  await Promise.all(busy)
  assert.is(engine.usage().slotsUsed, 0)
})

prompts('the draft reads a long prompt by pieces, and none once the request is over', async () => {
  const engine = await micro()
  for (const aborts of [false, true]) {
    const leave = new AbortController()
    const ask = async (): Promise<void> => {
      const { tokens } = await collect(engine, {
        prompt: `${Number(aborts)} ${LONG.repeat(4)}`,
        maxTokens: 2,
        ignoreEos: true,
        draft: 'model',
        tree: TREES.fork,
        signal: leave.signal,
      })
      assert.is(tokens.length, aborts ? 0 : 2)
    }
    const passes = await passesOf(ask, ({ isDraft }) => isDraft && aborts && leave.abort())
    const pieces = passes.filter(({ isDraft }) => isDraft).map(({ rows }) => rows)
    assert.ok(
      Math.max(...pieces) <= 128 && (aborts ? pieces.length === 1 : pieces.length >= 3),
      `rows of the draft's passes: ${pieces.join(', ')}`,
    )
  }
  assert.is(engine.usage().slotsUsed, 0)
})

prompts('a pass that fails fails those it was for, and nothing is held', async () => {
  const engine = await micro()
  const running = collect(engine, { prompt: 'This package is', maxTokens: 40, ignoreEos: true, draft: 'none' }).then(
    () => null,
    (error: Error) => error.message,
  )
  await new Promise((resolve) => engine.events.once('step', resolve))
  const { GraphForward } = await import('../../src/runtime/graph-forward.js')
  const run = GraphForward.prototype.run
  GraphForward.prototype.run = function (input, output) {
    if (input.logitRows.length === input.tokens.length) return run.call(this, input, output)
    GraphForward.prototype.run = run
    return Promise.reject(new Error('the pass broke'))
  }
  const broken = await collect(engine, { prompt: LONG, maxTokens: 4 }).then(
    () => null,
    (error: Error) => error.message,
  )
  assert.equal([broken, await running], ['the pass broke', 'the pass broke'])
  assert.is((await collect(engine, { prompt: LONG, maxTokens: 4, ignoreEos: true })).tokens.length, 4)
  assert.is(engine.usage().slotsUsed, 0)
})

prompts.run()
