/** The router inside Express 4 and 5 hosts: whose request it is, what the body looks like, who is told of errors. */
import { createRequire } from 'node:module'
import { gzipSync } from 'node:zlib'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import express5, { type Express, type Request, type Response } from 'express'
import { sequoia, type SequoiaOptions } from '../../../adapters/express/index.js'
import { SequoiaError } from '../../../src/errors.js'
import { eventually, listen, post } from '../../support/http-app.js'
import { scriptedEngine } from '../../support/scripted-engine.js'

const express4 = createRequire(import.meta.url)('express4') as typeof express5
const chat = { model: 'scripted', messages: [{ role: 'user', content: 'hi' }] }
const foreign = { ...chat, model: 'someone-elses', pad: 'é'.repeat(100_000) }

/** Sends back the bytes it reads from the stream, as a proxy behind us would forward them. */
function echoBytes(req: Request, res: Response): void {
  const chunks: Buffer[] = []
  req.on('data', (chunk: Buffer) => chunks.push(chunk)).on('end', () => res.send(Buffer.concat(chunks)))
}

for (const [version, express] of [['4', express4], ['5', express5]] as const) {
  const router = suite(`express ${version}`)

  const withApp = (options: Partial<SequoiaOptions>, mount: (app: Express, ours: ReturnType<typeof sequoia>) => void, run: (url: string) => Promise<void>) => async () => {
    const app = express()
    mount(app, sequoia({ engine: scriptedEngine(), onError: () => {}, ...options }))
    const listening = await listen(app)
    try {
      await run(listening.url)
    } finally {
      await listening.close()
    }
  }
  const plain = (app: Express, ours: ReturnType<typeof sequoia>): void => void app.use('/v1', ours)

  router('answers chat and completions', withApp({}, plain, async (url) => {
    const answer = await (await post(`${url}/v1/chat/completions`, chat)).json()
    assert.is(answer.choices[0].message.content, 'Hello, world')
    const completion = await (await post(`${url}/v1/completions`, { model: 'scripted', prompt: 'x' })).json()
    assert.is(completion.choices[0].text, 'Hello, world')
  }))

  router('streams with headers that keep proxies from buffering', withApp({}, plain, async (url) => {
    const response = await post(`${url}/v1/chat/completions`, { ...chat, stream: true })
    assert.is(response.headers.get('content-type'), 'text/event-stream; charset=utf-8')
    assert.match(response.headers.get('cache-control') ?? '', 'no-transform')
    assert.match(await response.text(), /data: \[DONE\]\n\n$/)
  }))

  router('works behind the host\'s own body parser', withApp({}, (app, ours) => void app.use(express.json(), ours), async (url) => {
    const response = await post(`${url}/chat/completions`, chat)
    assert.is(response.status, 200)
  }))

  router('works behind a parser that keeps bytes', withApp({}, (app, ours) => void app.use(express.raw({ type: '*/*' }), ours), async (url) => {
    assert.is((await post(`${url}/chat/completions`, chat)).status, 200)
  }))

  router('hands a foreign model\'s request on with identical unread bytes', withApp({}, (app, ours) => void app.use('/v1', ours).post('/v1/chat/completions', echoBytes), async (url) => {
    const sent = `  ${JSON.stringify(foreign)}\n`
    assert.is(await (await post(`${url}/v1/chat/completions`, sent)).text(), sent)
    assert.is(await (await post(`${url}/v1/chat/completions`, '{"model":"x"}')).text(), '{"model":"x"}')
  }))

  router('hands on bytes that came in chunks of unknown number', withApp({}, (app, ours) => void app.use('/v1', ours).post('/v1/chat/completions', echoBytes), async (url) => {
    const sent = JSON.stringify(foreign)
    const stream = new Blob([sent]).stream()
    const init: RequestInit & { duplex: 'half' } = { method: 'POST', headers: { 'content-type': 'application/json' }, body: stream, duplex: 'half' }
    assert.is(await (await fetch(`${url}/v1/chat/completions`, init)).text(), sent)
  }))

  router('a parser behind us reads a foreign model\'s body', withApp({}, (app, ours) => {
    app.use('/v1', ours).post('/v1/chat/completions', express.json({ limit: '10mb' }), (req, res) => void res.json(req.body))
  }, async (url) => {
    assert.equal(await (await post(`${url}/v1/chat/completions`, foreign)).json(), foreign)
  }))

  router('hands a foreign model\'s parsed body on as it is', withApp({}, (app, ours) => {
    app.use(express.json({ limit: '10mb' })).use('/v1', ours).post('/v1/chat/completions', (req, res) => void res.json(req.body))
  }, async (url) => {
    assert.equal(await (await post(`${url}/v1/chat/completions`, foreign)).json(), foreign)
  }))

  router('leaves other routes of the host alone', withApp({}, (app, ours) => void app.use('/v1', ours).get('/v1/other', (_req, res) => void res.send('other')), async (url) => {
    assert.is(await (await fetch(`${url}/v1/other`)).text(), 'other')
    assert.is((await fetch(`${url}/v1/models/unknown`)).status, 404)
  }))

  router('lists its models', withApp({ aliases: ['gpt-4o'] }, plain, async (url) => {
    const { data } = await (await fetch(`${url}/v1/models`)).json()
    assert.equal(data.map(({ id }: { id: string }) => id), ['scripted', 'gpt-4o'])
    assert.is((await (await fetch(`${url}/v1/models/gpt-4o`)).json()).object, 'model')
  }))

  router('reads compressed bodies', withApp({}, plain, async (url) => {
    const response = await post(`${url}/v1/chat/completions`, gzipSync(JSON.stringify(chat)), { 'content-encoding': 'gzip' })
    assert.is(response.status, 200)
  }))

  router('refuses what is not a sound JSON body, each with its own status', withApp({ maxBodyBytes: 1000 }, plain, async (url) => {
    const bomb = gzipSync(JSON.stringify({ ...chat, pad: 'x'.repeat(10_000) }))
    const cases: [string | Uint8Array, Record<string, string>, number, string][] = [
      ['{"model": "scripted"', {}, 400, 'invalid_json'],
      ['', {}, 400, 'invalid_json'],
      [JSON.stringify({ pad: 'x'.repeat(2000) }), {}, 413, 'request_too_large'],
      [bomb, { 'content-encoding': 'gzip' }, 413, 'request_too_large'],
      ['not gzip', { 'content-encoding': 'gzip' }, 400, 'invalid_body'],
      ['{}', { 'content-encoding': 'compress' }, 415, 'unsupported_encoding'],
      ['{}', { 'content-type': 'text/plain' }, 415, 'unsupported_media_type'],
      ['{}', {}, 400, 'invalid_type'],
    ]
    for (const [body, headers, status, code] of cases) {
      const response = await post(`${url}/v1/chat/completions`, body, headers)
      const { error } = await response.json()
      assert.equal([response.status, error.code], [status, code])
    }
  }))

  router('a body of unknown length is refused once it is too large', withApp({ maxBodyBytes: 1000 }, plain, async (url) => {
    const body = new Blob(['x'.repeat(300_000)]).stream()
    const init: RequestInit & { duplex: 'half' } = { method: 'POST', headers: { 'content-type': 'application/json' }, body, duplex: 'half' }
    assert.is((await fetch(`${url}/v1/chat/completions`, init)).status, 413)
  }))

  router('refuses politely when full', withApp({ engine: scriptedEngine({ error: { thrown: new SequoiaError('overloaded', 'full') } }) }, plain, async (url) => {
    const response = await post(`${url}/v1/chat/completions`, chat)
    assert.equal([response.status, response.headers.get('retry-after')], [429, '1'])
  }))

  router('a failure of ours is JSON, never a stack page', withApp({ engine: scriptedEngine({ error: { thrown: new TypeError('boom') } }) }, plain, async (url) => {
    const response = await post(`${url}/v1/chat/completions`, { ...chat, stream: true })
    assert.is(response.status, 500)
    assert.not.match(await response.text(), /boom|\.ts/)
  }))

  router('flushes each event where a compressing host asks for it', async () => {
    let flushes = 0
    const app = express()
    app.use((_req, res, next) => {
      Object.assign(res, { flush: () => void (flushes += 1) })
      next()
    })
    app.use(sequoia({ engine: scriptedEngine() }))
    const listening = await listen(app)
    await (await post(`${listening.url}/chat/completions`, { ...chat, stream: true })).text()
    await listening.close()
    assert.ok(flushes >= 5, `${flushes} flushes`)
  })

  router('a client that leaves in mid-stream stops the engine', async () => {
    const engine = scriptedEngine({ texts: Array.from({ length: 1_000_000 }, () => 'word '), pace: () => new Promise(setImmediate) })
    const listening = await listen(express().use(sequoia({ engine })))
    const controller = new AbortController()
    const response = await fetch(`${listening.url}/chat/completions`, {
      method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ ...chat, stream: true }), signal: controller.signal,
    })
    await response.body!.getReader().read()
    controller.abort()
    await eventually(() => engine.open === 0)
    await listening.close()
    assert.ok(engine.requests[0].signal!.aborted)
    assert.ok(engine.parts < 1_000_000)
  })

  router('a client that leaves before the first token stops the engine', async () => {
    const engine = scriptedEngine({ pace: () => eventually(() => engine.requests[0].signal!.aborted) })
    const listening = await listen(express().use(sequoia({ engine })))
    for (const stream of [true, false]) {
      const controller = new AbortController()
      const left = fetch(`${listening.url}/chat/completions`, {
        method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ ...chat, stream }), signal: controller.signal,
      }).catch((error: Error) => error.name)
      await eventually(() => engine.open === 1)
      controller.abort()
      assert.is(await left, 'AbortError')
      await eventually(() => engine.open === 0)
      engine.requests.length = 0
    }
    await listening.close()
  })

  router('a slow reader holds the engine back instead of filling memory', async () => {
    const engine = scriptedEngine({ texts: Array.from({ length: 12_000 }, () => 'x'.repeat(1000)) })
    const listening = await listen(express().use(sequoia({ engine })))
    const response = await post(`${listening.url}/chat/completions`, { ...chat, stream: true })
    const reader = response.body!.getReader()
    await reader.read()
    let seen = -1
    await eventually(() => {
      const still = engine.parts === seen && engine.parts > 100
      seen = engine.parts
      return still
    })
    const paused = engine.parts
    assert.ok(paused < 12_000, 'the whole answer was buffered')
    let bytes = 0
    for (let read = await reader.read(); !read.done; read = await reader.read()) bytes += read.value.length
    assert.is(engine.parts, 12_000)
    assert.ok(bytes > 12_000 * 1000)
    await listening.close()
  })

  router.run()
}

const options = suite('options')
options('a wrong option is refused at set-up', () => {
  assert.throws(() => sequoia({ engine: scriptedEngine(), alias: 'x' } as unknown as SequoiaOptions), /unknown option "alias"/)
  assert.throws(() => sequoia({ engine: Promise.resolve() } as unknown as SequoiaOptions), /await it first/)
})
options.run()
