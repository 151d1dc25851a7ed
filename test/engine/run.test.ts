// @process native
/** What ends a request before its answer does, and that nothing is held a step later. The micro pair decodes. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { InvalidArgumentError, openEngine, SequoiaError } from '../../src/index.js'
import type { Engine, GenerateRequest } from '../../src/api/types.js'
import { closeEngines, engineFor } from '../support/engines.js'
import { collect } from '../support/equality.js'
import { eventually } from '../support/http-app.js'

const lifetime = suite('how requests end early')
lifetime.after(closeEngines)

const LONG: GenerateRequest = { prompt: 'This package is', maxTokens: 900, draft: 'none', ignoreEos: true }
const micro = (): Promise<Engine> => engineFor({ target: 'micro', maxBatch: 2 })

const held = (engine: Engine): number[] => {
  const { slotsUsed, running, waiting } = engine.usage()
  return [slotsUsed, running, waiting]
}

async function failure(work: Promise<unknown>): Promise<SequoiaError> {
  const error: unknown = await work.then(
    () => null,
    (reason: unknown) => reason,
  )
  assert.instance(error, SequoiaError)
  return error as SequoiaError
}

/** Steps that `engine` makes after `event` and until nothing is held. */
async function stepsAfter(engine: Engine, event: Promise<unknown>): Promise<number> {
  let steps = 0
  const count = (): void => void steps++
  void event.then(() => engine.events.on('step', count))
  await event
  await eventually(() => held(engine).every((one) => one === 0))
  engine.events.off('step', count)
  return steps
}

lifetime('an abort frees everything within a step, whether the reader reads or not', async () => {
  const engine = await micro()
  for (const reads of [true, false]) {
    const controller = new AbortController()
    const parts = engine.generate({ ...LONG, signal: controller.signal })[Symbol.asyncIterator]()
    for (let i = 0; i < 5; i++) await parts.next()
    const pending = reads ? parts.next() : null
    assert.is(engine.usage().running, 1)
    const aborted = Promise.resolve().then(() => controller.abort())
    assert.ok((await stepsAfter(engine, aborted)) <= 1)
    const next = (await pending) ?? (await parts.next())
    const last = next.value!.finishReason ? next : await parts.next()
    assert.is(last.value!.finishReason, 'abort')
    assert.is((await parts.next()).done, true)
  }
})

lifetime(
  'at its deadline a request fails with `timeout`, and a reader that stopped reading holds nothing',
  async () => {
    const engine = await micro()
    const error = await failure(collect(engine, { ...LONG, timeoutMs: 30 }))
    assert.equal(
      [error.code, error.message],
      ['timeout', 'the answer was not complete within 30 ms; ask for fewer tokens, or allow more time (timeoutMs)'],
    )
    assert.equal(held(engine), [0, 0, 0])

    const stalled = engine.generate({ ...LONG, timeoutMs: 500 })[Symbol.asyncIterator]()
    await stalled.next()
    assert.is(engine.usage().running, 1)
    await eventually(() => held(engine).every((one) => one === 0))
    assert.is((await failure(stalled.next() as Promise<unknown>)).code, 'timeout')
  },
)

lifetime(
  'a deadline that passes while the reader has the whole answer already is not counted as one that was missed',
  async () => {
    const engine = await openEngine({ target: 'micro' })
    const parts = engine.generate({ ...LONG, maxTokens: 3, timeoutMs: 300 })[Symbol.asyncIterator]()
    let part = await parts.next()
    while (!part.value!.finishReason) part = await parts.next()
    await new Promise((resolve) => setTimeout(resolve, 400))
    assert.is((await parts.next()).done, true)
    assert.equal([engine.stats().requests.ended.length, engine.stats().requests.ended.timeout], [1, 0])
    await engine.close()
  },
)

lifetime('the deadline holds while a request waits, and in the middle of a long prompt', async () => {
  const engine = await engineFor({ target: 'micro', maxBatch: 1 })
  const first = engine.generate(LONG)[Symbol.asyncIterator]()
  await first.next()
  assert.is((await failure(collect(engine, { ...LONG, timeoutMs: 20 }))).code, 'timeout')
  assert.is(engine.usage().waiting, 0)
  await first.return!()
  const chunked = { ...LONG, prompt: 'word '.repeat(450), maxTokens: 1, timeoutMs: 1 }
  assert.is((await failure(collect(engine, chunked))).code, 'timeout')
  assert.equal(held(engine), [0, 0, 0])
})

lifetime("a deadline that is kept changes nothing, and leaves nothing in the caller's signal", async () => {
  const engine = await micro()
  const request: GenerateRequest = { prompt: 'This package is', maxTokens: 20, seed: 1, temperature: 0.8 }
  const { signal } = new AbortController()
  let listening = 0
  const { addEventListener, removeEventListener } = signal
  signal.addEventListener = (...given: Parameters<typeof addEventListener>) => (
    listening++,
    addEventListener.apply(signal, given)
  )
  signal.removeEventListener = (...given: Parameters<typeof removeEventListener>) => (
    listening--,
    removeEventListener.apply(signal, given)
  )
  const timed = await collect(engine, { ...request, timeoutMs: 60_000, signal })
  assert.equal(timed.tokens, (await collect(engine, request)).tokens)
  assert.is(listening, 0)
})

lifetime("the engine's own limit holds where a request allows itself more, and where it says nothing", async () => {
  const engine = await openEngine({ target: 'micro', timeoutMs: 30 })
  assert.match((await failure(collect(engine, LONG))).message, 'within 30 ms')
  assert.match((await failure(collect(engine, { ...LONG, timeoutMs: 60_000 }))).message, 'within 30 ms')
  assert.match((await failure(collect(engine, { ...LONG, timeoutMs: 5 }))).message, 'within 5 ms')
  await engine.close()
  for (const timeoutMs of [0, 1.5, '10', 2 ** 31]) {
    assert.is(
      ((await failure(openEngine({ target: 'micro', timeoutMs } as never))) as InvalidArgumentError).param,
      'timeoutMs',
    )
    assert.is(
      ((await failure(collect(await micro(), { ...LONG, timeoutMs } as never))) as InvalidArgumentError).param,
      'timeoutMs',
    )
  }
})

lifetime(
  'a request that is over does not wait for its grammar; one that could not even wait never has it compiled',
  async () => {
    const engine = await engineFor({ target: 'micro', maxBatch: 1, maxQueue: 0 })
    // Never seen by this engine, so its compiling thread has yet to start.
    const asked: GenerateRequest = {
      prompt: 'This package is',
      maxTokens: 1,
      responseFormat: { type: 'regex', pattern: '(a|bc){3,40}' },
    }
    const order: string[] = []
    const controller = new AbortController()
    const aborted = collect(engine, { ...asked, signal: controller.signal }).then(({ tokens }) =>
      order.push(tokens.length === 0 ? 'abort' : 'tokens'),
    )
    const late = failure(collect(engine, { ...asked, timeoutMs: 1 })).then(({ code }) => order.push(code))
    const patient = collect(engine, asked).then(() => order.push('compiled'))
    setImmediate(() => controller.abort())
    await Promise.all([aborted, late, patient])
    assert.is(order[2], 'compiled')
    assert.equal(order.slice(0, 2).sort(), ['abort', 'timeout'])
    assert.equal(held(engine), [0, 0, 0])

    const running = engine.generate(LONG)[Symbol.asyncIterator]()
    await running.next()
    const wrong: GenerateRequest = {
      ...asked,
      responseFormat: { type: 'grammar', grammar: 'root ::= missing' } as never,
    }
    assert.is((await failure(collect(engine, wrong))).code, 'overloaded')
    await running.return!()
    assert.not((await failure(collect(engine, wrong))).code === 'overloaded')
  },
)

lifetime('others decode on as if nothing were, while one among them reaches its deadline', async () => {
  const engine = await micro()
  const request: GenerateRequest = {
    prompt: 'Install with npm',
    maxTokens: 120,
    seed: 4,
    temperature: 0.8,
    ignoreEos: true,
  }
  const [kept, cut] = await Promise.allSettled([collect(engine, request), collect(engine, { ...LONG, timeoutMs: 25 })])
  assert.is(cut.status, 'rejected')
  assert.equal(
    kept.status === 'fulfilled' && kept.value.tokens,
    (await collect(engine, { ...request, draft: 'none' })).tokens,
  )
})

lifetime(
  'closing at once stops what runs, what waits and what nobody reads; closing patiently waits first',
  async () => {
    const engine = await openEngine({ target: 'micro', maxBatch: 2 })
    const stalled = engine.generate(LONG)[Symbol.asyncIterator]()
    await stalled.next()
    const running = failure(collect(engine, LONG))
    const waiting = failure(collect(engine, LONG))
    await eventually(() => engine.usage().waiting === 1)
    const patient = engine.close()
    await engine.close({ drainMs: 0 })
    await patient
    assert.equal(
      [(await running).code, (await waiting).code, (await failure(stalled.next() as Promise<unknown>)).code],
      ['closed', 'closed', 'closed'],
    )

    const other = await openEngine({ target: 'micro' })
    const short = collect(other, { ...LONG, maxTokens: 5 })
    await other.close({ drainMs: 60_000 })
    assert.is((await short).tokens.length, 5)
    const third = await openEngine({ target: 'micro' })
    const long = failure(collect(third, LONG))
    await third.close({ drainMs: 30 })
    assert.is((await long).code, 'closed')
    assert.is(
      ((await failure(Promise.resolve().then(() => third.close({ drainMs: -1 })))) as InvalidArgumentError).param,
      'drainMs',
    )
  },
)

lifetime.run()
