/**
 * Workers and servers whose network is cut while they answer: each is in a namespace of its own, and its link to the
 * store is set down, so that nobody closes a connection. Their answers go on elsewhere within 3 s, with the texts of
 * their seeds; who was cut off comes back and is of use; nothing waits without an end.
 */
import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import OpenAI from 'openai'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { remoteEngine } from '../../src/scale/queue/index.js'
import { workersNow } from '../../src/scale/queue/presence.js'
import { leftovers, startRedis, withRedis, type TestRedis } from '../scale/queue/redis.js'
import { servedUrl } from '../support/cli.js'
import { closeEngines } from '../support/engines.js'
import { openNamespace, whyNoNamespace, type Namespace } from '../support/network-namespace.js'
import { asks, readAll, type Seen } from '../support/queue-load.js'
import { fleetOf, type Fleet } from '../support/worker-fleet.js'

const STREAMS = 8
const TOKENS = 400

const all = suite('networks that are cut')
all.after(closeEngines)
const test = withRedis(all)

/** What `work` comes to; rejects when it takes longer, so that no test waits without an end. */
async function within<T>(seconds: number, what: string, work: Promise<T>): Promise<T> {
  const control = new AbortController()
  const late = delay(1000 * seconds, undefined, { signal: control.signal }).then(() => {
    throw new Error(`${what}: not within ${seconds} s`)
  })
  late.catch(() => undefined)
  return Promise.race([work, late]).finally(() => control.abort())
}

/** Asks until it is so; seconds that took. */
async function until(what: string, seconds: number, isSo: () => Promise<boolean>): Promise<number> {
  const started = performance.now()
  const asking = async (): Promise<void> => {
    while (!(await isSo())) await delay(50)
  }
  await within(seconds, what, asking())
  return Math.round(performance.now() - started) / 1000
}

interface Stand {
  store: TestRedis
  fleet: Fleet
  networks: readonly Namespace[]
  /** The store's address over a link. */
  storeAt(network: number, link?: number): string
}

/** A store, `workers` workers of the micro pair, each in a network of its own, and one more network of two links. */
async function withStand(workers: number, work: (stand: Stand) => Promise<void>): Promise<void> {
  const store = await startRedis(['--bind', '0.0.0.0', '--protected-mode', 'no'])
  const networks = [...Array.from({ length: workers }, () => openNamespace()), openNamespace(2)]
  const fleet = fleetOf(store.url)
  const storeAt = (network: number, link = 0): string =>
    store.url.replace('127.0.0.1', networks[network].links[link].here)
  try {
    for (let i = 0; i < workers; i++)
      await within(60, 'the start of a worker', fleet.add(networks[i].start, storeAt(i)))
    await work({ store, fleet, networks, storeAt })
  } finally {
    await fleet.close()
    await store.close()
    networks.forEach((network) => network.close())
  }
}

const presences = async ({ client }: TestRedis): Promise<number> => (await workersNow(client)).length

/** Streams over 2 workers while `cuts` are made: the first one's link is down for so many seconds, again and again. */
async function cutWorker(stand: Stand, cuts: readonly number[]): Promise<Seen> {
  const { store, networks } = stand
  const [link] = networks[0].links
  const choices = await asks('micro', 16, TOKENS)
  const engine = await remoteEngine({ redis: store.url, model: 'micro' })
  try {
    let done = 0
    const reading = readAll(engine, choices, STREAMS, () => done === cuts.length)
    const cutting = async (): Promise<void> => {
      for (const seconds of cuts) {
        await delay(3_000)
        link.cut()
        const noticed = await until('the cut worker counts no longer', 3, async () => (await presences(store)) === 1)
        await delay(1000 * seconds)
        link.mend()
        const back = await until('the cut worker is back', 15, async () => (await presences(store)) === 2)
        console.log(`cut for ${seconds} s: gone after ${noticed} s; back ${back} s after the link was up`)
        done++
      }
    }
    const [seen] = await within(180, 'the streams', Promise.all([reading, cutting()]))
    // The other is killed: what is answered from here on is answered by the one that was cut off.
    await stand.fleet.killNewest()
    await until('the killed worker counts no longer', 5, async () => (await presences(store)) === 1)
    const alone = await within(
      60,
      'answers of the worker that came back',
      readAll(engine, choices, 4, () => true),
    )
    assert.is(alone.answers, 4)
    assert.equal(engine.usage(), { slotsUsed: 0, slots: 0, running: 0, waiting: 0 })
    return seen
  } finally {
    await within(30, 'the end of the gateway', engine.close({ drainMs: 0 }))
  }
}

const why = whyNoNamespace()
if (why !== null) console.log(`skipped (${why}): the links of workers and servers are cut`)
else {
  test('a worker that is cut off thrice: its answers go on within 3 s, and it comes back', async () => {
    await withStand(2, async (stand) => {
      const seen = await cutWorker(stand, [4, 1, 4])
      console.log(`${seen.answers} answers; longest pause in one ${Math.round(seen.longestPauseMs)} ms`)
      assert.ok(seen.longestPauseMs < 3_000)
      await nothingLeft(stand.store)
    })
  })

  test('a worker that is cut off for longer than any connection lasts: the same', async () => {
    await withStand(2, async (stand) => {
      const seen = await cutWorker(stand, [25])
      console.log(`${seen.answers} answers; longest pause in one ${Math.round(seen.longestPauseMs)} ms`)
      assert.ok(seen.longestPauseMs < 3_000)
      await nothingLeft(stand.store)
    })
  })

  test('a worker that is told to stop while it is cut off ends', async () => {
    await withStand(0, async ({ store, networks, storeAt }) => {
      const [network] = networks
      const child = network.start(['worker', '--redis', storeAt(0), '--model', 'micro', '--drain-seconds', '2'])
      const exited = once(child, 'exit')
      try {
        await within(60, 'its start', once(child.stdout!, 'data'))
        const engine = await remoteEngine({ redis: store.url, model: 'micro' })
        const [{ request }] = await asks('micro', 1, TOKENS)
        const answer = engine.generate({ ...request, maxTokens: 2_000 })[Symbol.asyncIterator]()
        await within(20, 'a first token', answer.next())
        network.links[0].cut()
        child.kill('SIGTERM')
        const started = performance.now()
        await within(40, 'its end', exited)
        console.log(`ended ${Math.round(performance.now() - started)} ms after it was told to`)
        await within(20, 'the end of the gateway', engine.close({ drainMs: 0 }))
      } finally {
        child.kill('SIGKILL')
      }
    })
  })

  test('a server that is cut off from the store: requests go on or end with an error, and it comes back', async () => {
    await withStand(1, async ({ store, networks, storeAt }) => {
      const [, network] = networks
      const [link, clients] = network.links
      const args = ['serve', '--redis', storeAt(1), '--model', 'micro', '--host', '0.0.0.0', '--port', '0']
      const child = network.start(args)
      try {
        const { port } = new URL(await within(60, 'its start', servedUrl(child)))
        const base = `http://${clients.there}:${port}`
        const client = new OpenAI({ baseURL: `${base}/v1`, apiKey: 'none', maxRetries: 0 })
        const choices = await asks('micro', 4, TOKENS)
        const health = async (): Promise<number> =>
          (await fetch(`${base}/health/ready`, { signal: AbortSignal.timeout(15_000) })).status
        /** The text of an answer, and the error that ended it. */
        const read = async (i: number, onPart = (): void => undefined): Promise<{ text: string; error: unknown }> => {
          const { prompt, maxTokens, temperature, seed } = choices[i].request
          let text = ''
          try {
            const fields = { model: 'micro', prompt: prompt!, max_tokens: maxTokens!, temperature, seed: Number(seed) }
            const stream = await client.completions.create({ ...fields, ignore_eos: true, stream: true } as never)
            for await (const chunk of stream as unknown as AsyncIterable<OpenAI.Completion>) {
              text += chunk.choices[0]?.text ?? ''
              onPart()
            }
            return { text, error: null }
          } catch (error) {
            return { text, error }
          }
        }
        const texts = choices.map(({ text }) => text)

        // Shorter than a connection may be silent: the answers go on.
        const once = new Set<number>()
        const short = Promise.all(texts.map((_, i) => read(i, () => once.add(i))))
        await until('all four answers have begun', 20, async () => once.size === 4)
        link.cut()
        await delay(3_000)
        link.mend()
        const whole = await within(60, 'answers around a short cut', short)
        whole.forEach(({ text, error }, i) => assert.equal([text, error], [texts[i], null]))

        // Longer: they end with an error, in so many seconds.
        const begun = new Set<number>()
        const long = Promise.all(texts.map((_, i) => read(i, () => begun.add(i))))
        await until('all four answers have begun', 20, async () => begun.size === 4)
        link.cut()
        const started = performance.now()
        const isReady = await until('it is not ready', 15, async () => (await health()) === 503)
        const broken = await within(25, 'answers that are cut off', long)
        console.log(
          `not ready ${isReady} s after the cut; answers ended after ${Math.round(performance.now() - started)} ms`,
        )
        for (const [i, { text, error }] of broken.entries()) {
          assert.ok(texts[i].startsWith(text) && text !== texts[i])
          assert.match(String(error), /the store that the queue is in cannot be reached/)
        }
        const refused = await within(5, 'a request meanwhile', read(0))
        assert.is((refused.error as { status?: number }).status, 503)
        link.mend()
        const back = await until('it is ready again', 15, async () => (await health()) === 200)
        const after = await within(30, 'an answer afterwards', read(0))
        console.log(`ready ${back} s after the link was up`)
        assert.equal([after.text, after.error], [texts[0], null])
        await nothingLeft(store)
      } finally {
        child.kill('SIGKILL')
      }
    })
  })
}

/**
 * Waits for the books of the last answers to be closed; fails where something of any answer stays. Workers that were
 * killed leave their names until a gateway next looks, gateways theirs until they expire.
 */
async function nothingLeft({ client }: TestRedis): Promise<void> {
  let left: string[] = []
  await until('nothing is left in the store', 5, async () => {
    left = (await leftovers(client)).filter((key) => !/^sequoia:(workers?|gateway|wake)(:|$|-)/.test(key))
    return left.length === 0
  }).catch((error: Error) => assert.unreachable(`${error.message}: ${left.join(', ')}`))
}

all.run()
