/**
 * Workers that die, on real models. 64 streams over 3 workers of the micro pair while one is killed as soon as the last
 * one is ready again, for 3 minutes (`SCALE_SECONDS` sets another time); the same with the store killed and started
 * again, with and without what it had been told; SmolLM2 with 8 streams, 2 workers and 2 kills. Every answer is whole
 * and that of its seed, and nothing is left in the store. Where others have places, an answer goes on within 3 s.
 */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { existsSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { remoteEngine } from '../../src/scale/queue/index.js'
import { aroundRedis, leftovers, startRedis, withRedis } from '../scale/queue/redis.js'
import { closeEngines } from '../support/engines.js'
import { asks, readAll } from '../support/queue-load.js'
import { smollm2File } from '../support/smollm2.js'
import { tempFolder } from '../support/temp-folder.js'
import { fleetOf, type Fleet } from '../support/worker-fleet.js'

const SECONDS = Number(process.env.SCALE_SECONDS ?? 180)

const all = suite('workers that die again and again')
const scale = withRedis(all)
const store = aroundRedis(all)
all.after(closeEngines)

async function killAgainAndAgain(fleet: Fleet, until: () => boolean): Promise<number> {
  let kills = 0
  while (!until()) {
    await fleet.killOldest()
    kills++
    await fleet.add()
  }
  return kills
}

scale(`64 streams over 3 workers of the micro pair, one killed whenever 3 are ready, for ${SECONDS} s`, async () => {
  const choices = await asks('micro', 16, 300)
  const fleet = fleetOf(store.redis.url)
  for (let i = 0; i < 3; i++) await fleet.add()
  const engine = await remoteEngine({ redis: store.redis.url, model: 'micro' })
  const end = performance.now() + 1000 * SECONDS
  const until = (): boolean => performance.now() > end
  const [seen, kills] = await Promise.all([readAll(engine, choices, 64, until), killAgainAndAgain(fleet, until)])
  console.log(
    `${seen.answers} answers, ${kills} kills; longest pause in an answer ${Math.round(seen.longestPauseMs)} ms`,
  )
  assert.ok(kills > 1 && seen.answers > 64)
  assert.equal(engine.usage(), { slotsUsed: 0, slots: 0, running: 0, waiting: 0 })
  await engine.close()
  await fleet.close()
  assert.equal(await withoutWorkers(), [])
})

for (const [model, streams] of [['micro', 8], ...(existsSync(smollm2File) ? [['smollm2-135m', 4] as const] : [])] as [
  string,
  number,
][]) {
  scale(`${streams} streams of ${model}, 3 workers of which 2 die one after the other: on within 3 s`, async () => {
    const choices = await asks(model, streams, model === 'micro' ? 400 : 96)
    const fleet = fleetOf(store.redis.url, model)
    for (let i = 0; i < 3; i++) await fleet.add()
    const engine = await remoteEngine({ redis: store.redis.url, model })
    let kills = 0
    const reading = readAll(engine, choices, streams, () => kills >= 2)
    while (kills < 2) {
      await delay(3_000)
      await fleet.killOldest()
      kills++
    }
    const seen = await reading
    console.log(`${seen.answers} answers; longest pause in one ${Math.round(seen.longestPauseMs)} ms`)
    assert.ok(seen.longestPauseMs < 3_000)
    await engine.close()
    await fleet.close()
  })
}

for (const [name, args] of [
  ['with all it had been told', () => ['--appendonly', 'yes', '--appendfsync', 'always', '--dir', tempFolder()]],
  ['with nothing of it', () => []],
] as [string, () => string[]][]) {
  scale(`the store killed and started again, ${name}, under 32 streams over 2 workers`, async () => {
    const choices = await asks('micro', 16, 300)
    const own = await startRedis(args())
    const fleet = fleetOf(own.url)
    for (let i = 0; i < 2; i++) await fleet.add()
    const engine = await remoteEngine({ redis: own.url, model: 'micro' })
    let restarts = 0
    const reading = readAll(engine, choices, 32, () => restarts >= 3)
    while (restarts < 3) {
      await delay(5_000)
      await own.kill()
      await own.start()
      restarts++
    }
    const seen = await reading
    console.log(`${seen.answers} answers; longest pause in one ${Math.round(seen.longestPauseMs)} ms`)
    await engine.close()
    await fleet.close()
    await own.close()
  })
}

if (existsSync(smollm2File)) {
  scale('8 streams over 2 workers of SmolLM2, 2 killed: every answer is that of its seed', async () => {
    const choices = await asks('smollm2-135m', 8, 48)
    const fleet = fleetOf(store.redis.url, 'smollm2-135m')
    for (let i = 0; i < 2; i++) await fleet.add()
    const engine = await remoteEngine({ redis: store.redis.url, model: 'smollm2-135m' })
    let kills = 0
    const killing = (async () => {
      while (kills < 2) {
        await delay(2_000)
        await fleet.killOldest()
        kills++
        await fleet.add()
      }
    })()
    const seen = await readAll(engine, choices, 8, () => kills >= 2)
    await killing
    console.log(`${seen.answers} answers; longest pause in one ${Math.round(seen.longestPauseMs)} ms`)
    await engine.close()
    await fleet.close()
    assert.equal(await withoutWorkers(), [])
  })
} else console.log('skipped (SmolLM2 is not in the cache): 8 streams over 2 workers of SmolLM2')

/** What answers left. Workers that were killed leave their names, until a gateway next looks. */
async function withoutWorkers(): Promise<string[]> {
  return (await leftovers(store.redis.client)).filter((key) => !/^sequoia:workers?(:|$|-)/.test(key))
}

all.run()
