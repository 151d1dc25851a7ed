// @process own
/** What an engine tells its listeners and counts, on the micro pair. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { openEngine } from '../../src/index.js'
import type {
  EndEvent,
  Engine,
  EngineEventMap,
  EngineEventName,
  EngineStats,
  GenerateRequest,
} from '../../src/api/types.js'
import { closeEngines, engineFor } from '../support/engines.js'
import { collect, TREES } from '../support/equality.js'

const events = suite('engine events and statistics')
events.after(closeEngines)

const PROMPT = 'This package is'
const NAMES: EngineEventName[] = ['request', 'start', 'firstToken', 'step', 'plan', 'end', 'eviction']
type Heard = { [K in EngineEventName]: { name: K; event: EngineEventMap[K][0] } }[EngineEventName]

const micro = (): Promise<Engine> => engineFor({ target: 'micro' })

/** Everything `engine` tells while `work` runs. */
async function heard(engine: Engine, work: () => Promise<unknown>): Promise<Heard[]> {
  const all: Heard[] = []
  const listeners = NAMES.map((name) => ({
    name,
    listener: (event: unknown) => void all.push({ name, event } as Heard),
  }))
  for (const { name, listener } of listeners) engine.events.on(name, listener)
  await work()
  for (const { name, listener } of listeners) engine.events.off(name, listener)
  return all
}

function only<K extends EngineEventName>(all: readonly Heard[], name: K): EngineEventMap[K][0][] {
  return all.filter((one) => one.name === name).map(({ event }) => event as EngineEventMap[K][0])
}

events('a request tells its coming, its start, its first token, its steps and its end, in this order', async () => {
  const engine = await micro()
  const request: GenerateRequest = { prompt: PROMPT, maxTokens: 40, draft: 'model', tree: TREES.bush }
  let answer: Awaited<ReturnType<typeof collect>>
  const all = await heard(engine, async () => void (answer = await collect(engine, request)))
  const order = all.map(({ name }) => name).filter((name, i, names) => names.indexOf(name) === i)
  assert.equal(order, ['request', 'start', 'plan', 'firstToken', 'step', 'end'])

  const [{ id, request: given, promptTokens, draft }] = only(all, 'request')
  assert.equal([given.prompt, promptTokens, draft], [PROMPT, answer!.stats.promptTokens, 'model'])
  const shares = only(all, 'step').flatMap((step) => step.shares)
  assert.ok(shares.every((share) => share.id === id))
  assert.is(shares.length, answer!.stats.steps)
  assert.is(
    shares.reduce((sum, { tokens }) => sum + tokens, 0),
    answer!.tokens.length,
  )
  assert.is(
    shares.reduce((sum, { accepted }) => sum + accepted, 0),
    answer!.stats.accepted,
  )
  assert.is(
    shares.reduce((sum, { nodes }) => sum + nodes - 1, 0),
    answer!.stats.drafted,
  )
  assert.equal([...new Set(shares.map(({ nodes, depth }) => `${nodes} ${depth}`))].sort().pop(), '10 4')
  assert.is(shares[0].sinceMs, null)
  assert.ok(shares.slice(1).every(({ sinceMs }) => sinceMs! > 0))
  for (const { ms, draftMs, targetMs } of only(all, 'step'))
    assert.ok(targetMs > 0 && draftMs >= 0 && draftMs + targetMs <= ms)
  const [end] = only(all, 'end')
  assert.equal([end.reason, end.error, end.stats], ['length', undefined, answer!.stats])
  assert.ok(only(all, 'firstToken')[0].ms <= end.ms)
})

events('plans are told when they change, and say what they were', async () => {
  const engine = await micro()
  const all = await heard(engine, () =>
    collect(engine, { prompt: PROMPT, maxTokens: 120, draft: 'model', ignoreEos: true }),
  )
  const plans = only(all, 'plan')
  assert.is(plans[0].before, null)
  for (const [i, { before, nodes, depth }] of plans.entries()) {
    assert.ok(nodes === 1 ? depth === 0 : depth >= 1)
    if (i === 0) continue
    assert.equal(before, { nodes: plans[i - 1].nodes, depth: plans[i - 1].depth })
    assert.not.equal(before, { nodes, depth })
  }
})

events('who waited says how long, and every way a request ends has its name', async () => {
  const engine = await openEngine({ target: 'micro', maxBatch: 1, maxQueue: 1 })
  const request: GenerateRequest = { prompt: PROMPT, maxTokens: 30, draft: 'none', ignoreEos: true }
  const ends = async (work: () => Promise<unknown>): Promise<EndEvent[]> => only(await heard(engine, work), 'end')
  const all = await heard(engine, () => Promise.allSettled([1, 2, 3].map(() => collect(engine, request))))
  const [first, second] = only(all, 'start')
  assert.ok(second.waitedMs > first.waitedMs + 5, `${first.waitedMs} and ${second.waitedMs}`)
  assert.equal(
    only(all, 'end').map(({ id, reason }) => [id, reason]),
    [
      [3, 'overloaded'],
      [1, 'length'],
      [2, 'length'],
    ],
  )

  const leave = async (): Promise<void> => {
    for await (const _ of engine.generate(request)) break
  }
  assert.equal(
    (await ends(leave)).map(({ reason }) => reason),
    ['abort'],
  )
  assert.equal(
    (await ends(() => collect(engine, { ...request, signal: AbortSignal.abort() }))).map(({ reason }) => reason),
    ['abort'],
  )
  assert.equal(
    (await ends(() => collect(engine, { ...request, maxTokens: 1000, timeoutMs: 20 }).catch(() => null))).map(
      ({ reason }) => reason,
    ),
    ['timeout'],
  )
  const noWay: GenerateRequest = {
    ...request,
    ignoreEos: false,
    responseFormat: { type: 'regex', pattern: '[0-9]+' },
    allowedTokens: [(await engine.encode({ prompt: 'z' })).pop()!],
  }
  const failed = await ends(() => collect(engine, noWay).catch(() => null))
  assert.equal(
    failed.map(({ reason, error }) => [reason, error instanceof Error]),
    [['error', true]],
  )
  const cut = collect(engine, { ...request, maxTokens: 1000 }).catch(() => null)
  assert.equal(
    (await ends(async () => (await engine.close({ drainMs: 0 }), cut))).map(({ reason }) => reason),
    ['closed'],
  )
  assert.equal(engine.stats().requests.ended, {
    stop: 0,
    length: 2,
    tool_calls: 0,
    abort: 2,
    timeout: 1,
    overloaded: 1,
    closed: 1,
    error: 1,
  })
})

events('counters add up to what the requests say of themselves', async () => {
  const engine = await openEngine({ target: 'micro', maxBatch: 4 })
  assert.equal(busy(engine.stats()), 0)
  const requests = [TREES.fork, TREES.binary, undefined, TREES.bush].map((tree, i): GenerateRequest => ({
    prompt: `${PROMPT} ${i}`,
    maxTokens: 40,
    draft: tree ? 'model' : 'none',
    tree,
  }))
  const answers = await Promise.all(requests.map((request) => collect(engine, request)))
  const sum = (of: (one: (typeof answers)[0]['stats']) => number): number =>
    answers.reduce((total, { stats }) => total + of(stats), 0)
  const {
    requests: counted,
    promptTokens,
    generatedTokens,
    passes,
    speculation,
    prefixCache,
    slots,
    time,
  } = engine.stats()
  assert.equal([counted.received, counted.running, counted.waiting, slots.used], [4, 0, 0, 0])
  assert.equal([promptTokens, generatedTokens], [sum((one) => one.promptTokens), sum((one) => one.tokens)])
  assert.equal(
    [speculation.steps, speculation.drafted, speculation.accepted],
    [sum((one) => one.steps), sum((one) => one.drafted), sum((one) => one.accepted)],
  )
  assert.ok(
    passes >= Math.max(...answers.map(({ stats }) => stats.steps)) && passes < speculation.steps,
    `${passes} passes`,
  )
  assert.ok(speculation.drafts > 0 && speculation.drafts < speculation.steps)
  assert.is(
    speculation.acceptedPerPosition.reduce((total, at) => total + at, 0),
    speculation.accepted,
  )
  assert.ok(
    speculation.acceptedPerPosition.every((at, i, all) => i === 0 || at <= all[i - 1]),
    'deeper levels are reached through those above',
  )
  assert.equal([prefixCache.queriedTokens, prefixCache.hitTokens], [promptTokens, sum((one) => one.cachedTokens)])
  assert.ok(time.targetMs > 0 && time.draftMs > 0 && time.outsideMs > 0)
  // K as float32 and V as int8, of 6 layers 128 wide and of the draft's one: no byte more than they need.
  const [target, draft] = [6 * 128 * (4 + 1), 128 * (4 + 1)]
  assert.ok(
    slots.bytes >= slots.all * target && (slots.bytes - slots.all * target) % draft === 0,
    `${slots.bytes} bytes for ${slots.all} slots`,
  )
  await engine.close()
})

events('prefix hits are counted in tokens, and what is dropped to make room is told', async () => {
  const engine = await openEngine({ target: 'micro', prefixCacheBytes: 400_000 })
  const text = (n: number): string => `${n} is a number. `.repeat(20)
  const before = await collect(engine, { prompt: text(1), maxTokens: 4 })
  const again = await collect(engine, { prompt: text(1), maxTokens: 4 })
  assert.is(before.stats.cachedTokens, 0)
  assert.ok(again.stats.cachedTokens > 0)
  assert.is(engine.stats().prefixCache.hitTokens, again.stats.cachedTokens)
  const all = await heard(engine, async () => {
    for (let n = 2; n < 8; n++) await collect(engine, { prompt: text(n), maxTokens: 4 })
  })
  const evicted = only(all, 'eviction')
  assert.ok(evicted.length > 0 && evicted.every(({ tokens, bytes }) => tokens === 16 && bytes > 0))
  const { evictedTokens, bytes } = engine.stats().prefixCache
  assert.is(evictedTokens, 16 * evicted.length)
  assert.ok(bytes > 0 && bytes <= 400_000)
  await engine.close()
})

events("a listener that throws hurts no request and no other listener; its error is the process's own", async () => {
  const engine = await micro()
  const thrown: string[] = []
  let steps = 0
  const uncaught = (error: Error): void => void thrown.push(error.message)
  const count = (): void => void steps++
  process.on('uncaughtException', uncaught)
  engine.events.once('step', () => {
    throw new Error('a listener fell')
  })
  engine.events.on('step', count)
  const { tokens } = await collect(engine, { prompt: PROMPT, maxTokens: 8, draft: 'none', ignoreEos: true })
  engine.events.off('step', count)
  process.off('uncaughtException', uncaught)
  assert.equal([thrown, steps, tokens.length], [['a listener fell'], 8, 8])
})

function busy({ passes, generatedTokens, promptTokens, speculation, time }: EngineStats): number {
  return passes + generatedTokens + promptTokens + speculation.steps + time.targetMs + time.draftMs
}

events.run()
