// @process own
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Generates } from '../../../src/api/generates.js'
import type { GenerateRequest } from '../../../src/api/request.js'
import { remoteEngine } from '../../../src/scale/queue/remote-engine.js'
import { worker } from '../../../src/scale/queue/worker.js'
import { countingEngine, textOf } from './counting-engine.js'
import { aroundRedis, withRedis } from './redis.js'
import { nodeArgs } from '../../support/program.js'

const all = suite('a worker that dies')
const failover = withRedis(all)
const store = aroundRedis(all)

const PROGRAM = nodeArgs(import.meta.resolve('./worker-process.js'))
const unexpected = (error: unknown): void => {
  throw error
}

async function workerProcess(fingerprint: string, paceMs: number): Promise<ChildProcess> {
  const args = [...PROGRAM, store.redis.url, fingerprint, String(paceMs)]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  await once(child.stdout!, 'data')
  return child
}

const open = (): Promise<Generates> => remoteEngine({ redis: store.redis.url, model: 'counting', onError: unexpected })

/** Texts, and whether a token came twice or was lost. */
async function read(engine: Generates, request: GenerateRequest, onPart = (): void => undefined) {
  let text = ''
  const tokens: number[] = []
  for await (const part of engine.generate(request)) {
    text += part.text
    tokens.push(...part.tokens)
    onPart()
  }
  return { text, isWhole: tokens.every((token, i) => token === i) }
}

failover('leaves its answers to another, which goes on behind the last token', async () => {
  const first = await workerProcess('same', 20)
  const engine = await open()
  let parts = 0
  const reads = [1, 2, 3, 4].map((seed) =>
    read(engine, { prompt: 'a', maxTokens: 60, seed }, () => {
      if (++parts === 40) first.kill('SIGKILL')
    }),
  )
  const second = await workerProcess('same', 1)
  const answers = await Promise.all(reads)
  answers.forEach(({ text, isWhole }, i) => {
    assert.is(text, textOf(i + 1, 60))
    assert.ok(isWhole)
  })
  assert.is(first.signalCode, 'SIGKILL')
  assert.equal(await store.redis.client.keys('sequoia:answer:*'), [])
  await engine.close()
  second.kill('SIGKILL')
})

failover('that was stopped for a while and comes back says nothing twice', async () => {
  const frozen = await workerProcess('same', 20)
  const engine = await open()
  let parts = 0
  const reading = read(engine, { prompt: 'a', maxTokens: 80, seed: 9 }, () => {
    parts++
    if (parts === 10) frozen.kill('SIGSTOP')
    // The other has gone on by now: what the first still says is of an attempt that is over.
    if (parts === 40) frozen.kill('SIGCONT')
  })
  const other = await workerProcess('same', 10)
  const { text, isWhole } = await reading
  assert.is(text, textOf(9, 80))
  assert.ok(isWhole)
  await engine.close()
  frozen.kill('SIGKILL')
  other.kill('SIGKILL')
})

failover('whose kind there is no other of ends its begun answers with an error, and others take the rest', async () => {
  const first = await workerProcess('one kind', 20)
  const engine = await open()
  let parts = 0
  const begun = read(engine, { prompt: 'a', maxTokens: 60, seed: 1 }, () => {
    if (++parts === 10) first.kill('SIGKILL')
  }).catch((error: Error) => error)
  const second = await workerProcess('another kind', 1)
  assert.match(((await begun) as Error).message, /no other has the same model files/)
  assert.is((await read(engine, { prompt: 'a', maxTokens: 5, seed: 2 })).text, textOf(2, 5))
  await engine.close()
  second.kill('SIGKILL')
})

failover('that is told to stop hands back what it has not finished', async () => {
  const local = countingEngine('same', () => new Promise((resolve) => setTimeout(resolve, 10)))
  const first = await worker({ redis: store.redis.url, engine: local, onError: unexpected })
  const engine = await open()
  let parts = 0
  let closed: Promise<void> | undefined
  const reading = read(engine, { prompt: 'a', maxTokens: 100, seed: 5 }, () => {
    if (++parts === 5) closed = first.close({ drainMs: 0 })
  })
  const second = await workerProcess('same', 1)
  assert.is((await reading).text, textOf(5, 100))
  await closed
  assert.ok(local.made < 100)
  await engine.close()
  second.kill('SIGKILL')
})

all.run()
