// @process native
/**
 * What every HTTP adapter must hold, in a host of its own framework: whose request it is, what the body looks like, who
 * is told of errors.
 */
import { once } from 'node:events'
import { request, type IncomingMessage } from 'node:http'
import { gzipSync } from 'node:zlib'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { SequoiaError } from '../../../src/spec/errors.js'
import type { AdapterOptions } from '../../../adapters/options.js'
import { eventually, listen, post, type Listening } from '../../support/http-app.js'
import { scriptedEngine } from '../../support/scripted-engine.js'
import { mounts, type Host } from '../support/mounts.js'
import { upstream, type UpstreamModels } from '../support/upstream.js'

const chat = { model: 'scripted', messages: [{ role: 'user', content: 'hi' }] }
const foreign = { ...chat, model: 'someone-elses', pad: 'é'.repeat(100_000) }
const hostModels: UpstreamModels = {
  object: 'list',
  data: [
    { id: 'gpt-9', object: 'model', owned_by: 'host' },
    { id: 'shared', object: 'model', owned_by: 'host' },
  ],
}

/** Sends a body whose length is not announced. */
function postChunked(url: string, text: string): Promise<Response> {
  const init: RequestInit & { duplex: 'half' } = {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: new Blob([text]).stream(),
    duplex: 'half',
  }
  return fetch(url, init)
}

/** The status of a GET whose request line has `target` as it is. */
async function statusOf(url: string, target: string): Promise<number | undefined> {
  const { hostname, port } = new URL(url)
  const [response] = (await once(request({ hostname, port, path: target }).end(), 'response')) as [IncomingMessage]
  response.resume()
  return response.statusCode
}

for (const mount of mounts) {
  const it = suite(mount.name)

  /**
   * Runs a test against a host with our routes at `/v1`; with `models`, the host forwards to a server that may list
   * some.
   */
  const hosted =
    (
      options: Partial<AdapterOptions>,
      host: Host & { models?: UpstreamModels | null },
      run: (url: string) => Promise<void>,
    ) =>
    async () => {
      const { models, ...rest } = host
      const behind = models === undefined ? null : await listen(upstream(models ?? undefined))
      let listening: Listening | undefined
      try {
        listening = await mount.open(
          { engine: scriptedEngine(), onError: () => {}, ...options },
          { ...rest, upstream: behind?.url, listsModels: Boolean(models) },
        )
        await run(`${listening.url}/v1`)
      } finally {
        await listening?.close()
        await behind?.close()
      }
    }

  it(
    'answers chat and completions',
    hosted({}, {}, async (url) => {
      const answer = await (await post(`${url}/chat/completions`, chat)).json()
      assert.is(answer.choices[0].message.content, 'Hello, world')
      const completion = await (await post(`${url}/completions`, { model: 'scripted', prompt: 'x' })).json()
      assert.is(completion.choices[0].text, 'Hello, world')
    }),
  )

  it(
    'a slash at the end of a path, a query and a whole address as target change nothing',
    hosted({}, {}, async (url) => {
      for (const target of ['/chat/completions/', '/chat/completions?x=1'])
        assert.is((await post(url + target, chat)).status, 200, target)
      for (const path of ['/v1/models/scripted', '/v1/models', '/v1/models/', '/v1/models/scripted?x'])
        assert.is(await statusOf(url, `http://llm.example${path}`), 200, path)
      assert.is(await statusOf(url, 'http://llm.example/v1/nothing'), 404)
    }),
  )

  it(
    'streams with headers that keep proxies from buffering',
    hosted({}, {}, async (url) => {
      const response = await post(`${url}/chat/completions`, { ...chat, stream: true })
      assert.is(response.headers.get('content-type'), 'text/event-stream; charset=utf-8')
      assert.match(response.headers.get('cache-control') ?? '', 'no-transform')
      const text = await response.text()
      assert.match(text, /data: \[DONE\]\n\n$/)
      assert.is(text.match(/^data: /gm)?.length, 6)
    }),
  )

  it(
    'keeps the headers that the host sets, on bodies and on streams',
    hosted({}, {}, async (url) => {
      for (const stream of [false, true]) {
        const response = await post(`${url}/chat/completions`, { ...chat, stream })
        assert.is(response.headers.get('x-host'), 'yes')
        await response.text()
      }
    }),
  )

  it('sends the headers of a stream before a slow first token', async () => {
    let release = (): void => {}
    const gate = new Promise<void>((resolve) => (release = resolve))
    const listening = await mount.open({ engine: scriptedEngine({ pace: () => gate }), keepAliveMs: 600_000 })
    const response = await post(`${listening.url}/v1/chat/completions`, { ...chat, stream: true })
    assert.is(response.status, 200)
    release()
    assert.match(await response.text(), 'Hello')
    await listening.close()
  })

  it('sends each event as it comes, where the host compresses too', async () => {
    let release = (): void => {}
    const gate = new Promise<void>((resolve) => (release = resolve))
    const listening = await mount.open(
      { engine: scriptedEngine({ pace: (part) => (part === 1 ? gate : Promise.resolve()) }) },
      { compresses: true },
    )
    const response = await post(
      `${listening.url}/v1/chat/completions`,
      { ...chat, stream: true },
      { 'accept-encoding': 'gzip' },
    )
    const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader()
    let text = ''
    while (!text.includes('Hello')) text += (await reader.read()).value ?? assert.unreachable('the stream ended early')
    release()
    for (let read = await reader.read(); !read.done; read = await reader.read()) text += read.value
    assert.match(text, /data: \[DONE\]\n\n$/)
    await listening.close()
  })

  it(
    'an error in mid-stream is an event',
    hosted({ engine: scriptedEngine({ error: { thrown: new TypeError('boom'), at: 2 } }) }, {}, async (url) => {
      const response = await post(`${url}/chat/completions`, { ...chat, stream: true })
      assert.is(response.status, 200)
      const last = (await response.text()).trim().split('\n\n').at(-1)!
      assert.is(JSON.parse(last.slice('data: '.length)).error.code, 'internal_error')
    }),
  )

  it(
    'lists its models, each by its own name',
    hosted({ aliases: ['org/gpt 4o'] }, {}, async (url) => {
      const { data } = await (await fetch(`${url}/models`)).json()
      assert.equal(
        data.map(({ id }: { id: string }) => id),
        ['scripted', 'org/gpt 4o'],
      )
      assert.is((await (await fetch(`${url}/models/scripted`)).json()).object, 'model')
      assert.is((await (await fetch(`${url}/models/${encodeURIComponent('org/gpt 4o')}`)).json()).id, 'org/gpt 4o')
      assert.is((await fetch(`${url}/models/unknown`)).status, 404)
    }),
  )

  it(
    'reads compressed bodies',
    hosted({}, {}, async (url) => {
      const response = await post(`${url}/chat/completions`, gzipSync(JSON.stringify(chat)), {
        'content-encoding': 'gzip',
      })
      assert.is(response.status, 200)
    }),
  )

  it(
    'refuses what is not a sound JSON body, each with its own status',
    hosted({ maxBodyBytes: 1000 }, {}, async (url) => {
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
        const response = await post(`${url}/chat/completions`, body, headers)
        const { error } = await response.json()
        assert.equal([response.status, error.code], [status, code])
      }
    }),
  )

  it(
    'a body of unknown length is refused once it is too large',
    hosted({ maxBodyBytes: 1000 }, {}, async (url) => {
      const response = await postChunked(`${url}/chat/completions`, 'x'.repeat(300_000))
      assert.equal([response.status, (await response.json()).error.code], [413, 'request_too_large'])
    }),
  )

  it(
    'refuses politely when full',
    hosted(
      { engine: scriptedEngine({ error: { thrown: new SequoiaError('overloaded', 'full') } }) },
      {},
      async (url) => {
        const response = await post(`${url}/chat/completions`, chat)
        assert.equal([response.status, response.headers.get('retry-after')], [429, '1'])
      },
    ),
  )

  it(
    'a failure of ours is JSON, never a stack page',
    hosted({ engine: scriptedEngine({ error: { thrown: new TypeError('boom') } }) }, {}, async (url) => {
      const response = await post(`${url}/chat/completions`, { ...chat, stream: true })
      assert.is(response.status, 500)
      assert.not.match(await response.text(), /boom|\.ts/)
    }),
  )

  it(
    'lets the host word errors that come before the first byte, where it asks to',
    hosted(
      { errors: 'host', engine: scriptedEngine({ error: { thrown: new SequoiaError('overloaded', 'full') } }) },
      { wordsErrors: true },
      async (url) => {
        for (const [body, status, code] of [
          [chat, 429, 'overloaded'],
          [{ ...chat, stream: true }, 429, 'overloaded'],
          ['{', 400, 'invalid_json'],
        ] as const) {
          const response = await post(`${url}/chat/completions`, body)
          assert.equal([response.status, await response.json()], [status, { host: code }])
        }
      },
    ),
  )

  it(
    "hands a foreign model's request on with identical bytes",
    hosted({}, { models: null }, async (url) => {
      for (const sent of [`  ${JSON.stringify(foreign)}\n`, '{"model":"x"}']) {
        assert.ok((await (await post(`${url}/chat/completions`, sent)).text()) === sent)
        assert.ok((await (await postChunked(`${url}/completions`, sent)).text()) === sent)
      }
      const zipped = gzipSync(JSON.stringify(foreign))
      const back = await (await post(`${url}/chat/completions`, zipped, { 'content-encoding': 'gzip' })).arrayBuffer()
      assert.ok(zipped.equals(Buffer.from(back)))
    }),
  )

  if (mount.parsers)
    it(
      "works behind the host's own body parser, and hands a foreign model's parsed body on",
      hosted({}, { parses: true, models: null }, async (url) => {
        assert.is((await (await post(`${url}/chat/completions`, chat)).json()).object, 'chat.completion')
        const sent = JSON.stringify(foreign)
        assert.ok((await (await post(`${url}/chat/completions`, sent)).text()) === sent)
      }),
    )

  it(
    'leaves all other routes to the host',
    hosted({}, { models: null }, async (url) => {
      for (const path of ['/other', '/models/gpt-9', '/embeddings']) {
        assert.is((await fetch(`${url}${path}`)).headers.get('x-upstream'), 'yes', path)
      }
      assert.is(await (await post(`${url}/embeddings`, '{"model":"scripted"}')).text(), '{"model":"scripted"}')
      assert.is((await fetch(`${url}x/models`)).headers.get('x-upstream'), 'yes')
    }),
  )

  it(
    "never shadows the host's own list of models",
    hosted({}, { models: hostModels }, async (url) => {
      const response = await fetch(`${url}/models`)
      assert.equal([response.headers.get('etag'), await response.json()], ['"list"', hostModels])
    }),
  )

  it(
    'describes its routes where the host does not',
    hosted({}, { models: null }, async (url) => {
      const response = await fetch(`${url}/openapi.json`)
      assert.is(response.headers.get('content-type')?.split(';')[0], 'application/json')
      assert.is((await response.json()).openapi, '3.1.0')
    }),
  )

  it(
    "never shadows the host's own description of its routes",
    hosted({}, { models: hostModels }, async (url) => {
      const response = await fetch(`${url}/openapi.json`)
      assert.equal([response.headers.get('x-upstream'), await response.json()], ['yes', { openapi: "the host's" }])
    }),
  )

  it(
    'lists its models where the host has no list',
    hosted({}, { models: null }, async (url) => {
      const response = await fetch(`${url}/models`)
      assert.equal(
        [response.status, response.headers.get('x-upstream'), response.headers.get('x-host')],
        [200, null, 'yes'],
      )
      assert.equal(
        (await response.json()).data.map(({ id }: { id: string }) => id),
        ['scripted'],
      )
    }),
  )

  if (mount.merges)
    it(
      "adds its models to the host's list where told to",
      hosted({ models: 'merge', aliases: ['shared'] }, { models: hostModels }, async (url) => {
        const response = await fetch(`${url}/models`, { headers: { 'if-none-match': '"list"' } })
        const { data } = (await response.json()) as UpstreamModels
        assert.equal(
          data.map(({ id, owned_by }) => [id, owned_by]),
          [
            ['gpt-9', 'host'],
            ['shared', 'host'],
            ['scripted', 'sequoia-onnx'],
          ],
        )
        assert.is(response.headers.get('etag'), null)
      }),
    )

  it('a client that leaves in mid-stream stops the engine', async () => {
    const engine = scriptedEngine({
      texts: Array.from({ length: 1_000_000 }, () => 'word '),
      pace: () => new Promise(setImmediate),
    })
    const listening = await mount.open({ engine })
    const controller = new AbortController()
    const response = await fetch(`${listening.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ ...chat, stream: true }),
      signal: controller.signal,
    })
    await response.body!.getReader().read()
    controller.abort()
    await eventually(() => engine.open === 0)
    await listening.close()
    assert.ok(engine.requests[0].signal!.aborted)
    assert.ok(engine.parts < 1_000_000)
  })

  it('a client that leaves before the first token stops the engine', async () => {
    const engine = scriptedEngine({ pace: () => eventually(() => engine.requests[0].signal!.aborted) })
    const listening = await mount.open({ engine })
    for (const stream of [true, false]) {
      const controller = new AbortController()
      const left = fetch(`${listening.url}/v1/chat/completions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ ...chat, stream }),
        signal: controller.signal,
      })
        .then((response) => response.text())
        .catch((error: Error) => error.name)
      await eventually(() => engine.open === 1)
      controller.abort()
      assert.is(await left, 'AbortError')
      await eventually(() => engine.open === 0)
      engine.requests.length = 0
    }
    await listening.close()
  })

  it('a slow reader holds the engine back instead of filling memory', async () => {
    const engine = scriptedEngine({ texts: Array.from({ length: 12_000 }, () => 'x'.repeat(1000)) })
    const listening = await mount.open({ engine })
    const response = await post(`${listening.url}/v1/chat/completions`, { ...chat, stream: true })
    const reader = response.body!.getReader()
    await reader.read()
    let seen = -1
    await eventually(() => {
      const still = engine.parts === seen && engine.parts > 100
      seen = engine.parts
      return still
    })
    assert.ok(engine.parts < 12_000, 'the whole answer was buffered')
    let bytes = 0
    for (let read = await reader.read(); !read.done; read = await reader.read()) bytes += read.value.length
    assert.is(engine.parts, 12_000)
    assert.ok(bytes > 12_000 * 1000)
    await listening.close()
  })

  it('a wrong option is refused at set-up', async () => {
    const wrong = async (options: object): Promise<string> => {
      try {
        await (await mount.open({ engine: scriptedEngine(), ...options } as AdapterOptions)).close()
        return 'nothing'
      } catch (error) {
        return (error as Error).message
      }
    }
    assert.match(await wrong({ alias: 'x' }), /unknown option "alias"/)
    assert.match(await wrong({ engine: Promise.resolve() }), /await it first/)
    assert.match(await wrong({ errors: 'next' }), /errors must be "answer" or "host"/)
    assert.match(await wrong({ maxBodyBytes: 0 }), /maxBodyBytes must be/)
  })

  it('a request has the owner that the host says, and the conversation that its header names', async () => {
    const engine = scriptedEngine()
    const owner = (request: unknown): string => {
      const { headers } = request as { headers: Headers | Record<string, string> }
      return String(headers instanceof Headers ? headers.get('x-team') : headers['x-team'])
    }
    const { url, close } = await mount.open({ engine, owner })
    const headers = { 'content-type': 'application/json', 'x-team': 'red', 'x-session-id': 's1', 'x-request-id': 'r.1' }
    const init = { method: 'POST', headers, body: JSON.stringify(chat) }
    assert.is((await fetch(`${url}/v1/chat/completions`, init)).status, 200)
    const [{ caller, session, requestId }] = engine.requests
    assert.equal([caller, session, requestId], ['red', 's1', 'r.1'])
    await close()
  })

  it.run()
}
