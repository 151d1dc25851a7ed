// @process own
import { once } from 'node:events'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { aroundRedis, withRedis } from '../scale/queue/redis.js'
import { cli, servedUrl, start } from '../support/cli.js'
import { closeEngines, engineFor } from '../support/engines.js'
import { collect } from '../support/equality.js'
import { fleetOf } from '../support/worker-fleet.js'

const all = suite('sequoia worker')
const workers = withRedis(all)
const store = aroundRedis(all)
all.after(closeEngines)

workers('answers what a server without a model is asked, with the text of an engine here', async () => {
  const fleet = fleetOf(store.redis.url)
  await fleet.add()
  const server = start(['serve', '--redis', store.redis.url, '--port', '0', '--log-level', 'error'])
  try {
    const url = await servedUrl(server)
    const { data } = (await (await fetch(`${url}/v1/models`)).json()) as { data: { id: string }[] }
    assert.equal(
      data.map(({ id }) => id),
      ['micro'],
    )
    const body = { model: 'micro', prompt: 'This package is', max_tokens: 20, temperature: 0.8, seed: 11 }
    const headers = { 'content-type': 'application/json' }
    const reply = await fetch(`${url}/v1/completions`, { method: 'POST', headers, body: JSON.stringify(body) })
    const { choices, usage } = (await reply.json()) as {
      choices: { text: string }[]
      usage: { completion_tokens: number }
    }
    const engine = await engineFor({ target: 'micro' })
    const here = await collect(engine, { prompt: body.prompt, maxTokens: 20, temperature: 0.8, seed: 11 })
    assert.is(choices[0].text, here.text)
    assert.is(usage.completion_tokens, here.tokens.length)
    assert.is((await fetch(`${url}/health/ready`)).status, 200)
  } finally {
    const exited = once(server, 'exit')
    server.kill('SIGTERM')
    await exited
    await fleet.close()
  }
})

workers('logs each answer under the id of the client, for models that came after the server too', async () => {
  const micro = ['worker', '--redis', store.redis.url, '--model', 'micro']
  const children = [start(micro)]
  try {
    await once(children[0].stdout!, 'data')
    const server = start(['serve', '--redis', store.redis.url, '--port', '0', '--log-level', 'error'])
    children.push(server)
    const url = await servedUrl(server)
    const later = start([...micro, '--name', 'later'])
    children.push(later)
    let log = ''
    later.stderr!.on('data', (text: Buffer) => (log += text.toString()))
    const ids = async (): Promise<string[]> => {
      const { data } = (await (await fetch(`${url}/v1/models`)).json()) as { data: { id: string }[] }
      return data.map(({ id }) => id)
    }
    while (!(await ids()).includes('later')) await new Promise((resolve) => setTimeout(resolve, 50))
    assert.equal(await ids(), ['micro', 'later'])
    const body = JSON.stringify({ model: 'later', prompt: 'This package is', max_tokens: 4, temperature: 0 })
    const headers = { 'content-type': 'application/json', 'x-request-id': 'from.client' }
    const reply = await fetch(`${url}/v1/completions`, { method: 'POST', headers, body })
    assert.equal([reply.status, reply.headers.get('x-request-id')], [200, 'from.client'])
    while (!log.includes('"answer"')) await new Promise(setImmediate)
    const line = JSON.parse(log.split('\n').find((one) => one.includes('"answer"'))!) as Record<string, unknown>
    assert.equal([line.requestId, line.tokens, line.reason, line.resumed], ['from.client', 4, 'length', undefined])
  } finally {
    for (const child of children) child.kill('SIGKILL')
  }
})

all('ends with code 2 without a store, and for an address that is none', async () => {
  const missing = await cli(['worker', '--model', 'micro'])
  assert.is(missing.code, 2)
  assert.match(missing.err, /--redis is missing; give the store as --redis redis:\/\/HOST:6379/)
  const wrong = await cli(['worker', '--redis', 'localhost:6379'])
  assert.is(wrong.code, 2)
  assert.match(wrong.err, /--redis must be a redis:\/\/ or rediss:\/\/ address/)
})

all.run()
