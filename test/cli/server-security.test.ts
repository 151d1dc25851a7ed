// @process native
/** What the standalone server keeps from whom: keys, limits, headers, and bodies made to do harm. */
import { once } from 'node:events'
import { request, type IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import { pino } from 'pino'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { ENDPOINTS } from '../../src/serve/route.js'
import { newKey } from '../../src/cli/api-keys.js'
import { serverApp } from '../../src/cli/app.js'
import { startServer, type RunningServer, type ServerOptions } from '../../src/cli/server.js'
import { withPromptLog } from '../../src/cli/prompt-log.js'
import { serveSchema } from '../../src/cli/serve-schema.js'
import { listen, post } from '../support/http-app.js'
import { scriptedEngine } from '../support/scripted-engine.js'

const chat = { model: 'scripted', messages: [{ role: 'user', content: 'hi' }] }

function started(
  options: Partial<ServerOptions>,
  run: (server: RunningServer, engine: ReturnType<typeof scriptedEngine>) => Promise<void>,
  script = {},
) {
  return async () => {
    const engine = scriptedEngine(script)
    const server = await startServer({ host: '127.0.0.1', port: 0, ...options })
    server.serve([{ engine }])
    try {
      await run(server, engine)
    } finally {
      await server.drain()
    }
  }
}

const [ours, other] = [newKey(), newKey()]
const keyed = { apiKeys: { ci: ours.hash, app: other.hash } }

/** For everybody, keys or not: what probes ask, and the page, which sends its reader's key along. */
const OPEN = new Set([
  'GET /health/live',
  'GET /health/ready',
  'GET /',
  'GET /playground/main.js',
  'GET /playground/vendor/marked.js',
  'GET /playground/vendor/purify.js',
  'GET /playground/vendor/core.wasm',
])

interface Layer {
  route?: { path: string | string[]; stack: { method: string }[] }
  handle: { stack?: Layer[] }
}

/** Method and path of every route that an Express router was given, those of routers inside it as well. */
function routesIn(stack: readonly Layer[]): string[] {
  return stack.flatMap(({ route, handle }) => {
    if (!route) return routesIn(handle.stack ?? [])
    return [route.path].flat().flatMap((path) => route.stack.map(({ method }) => `${method.toUpperCase()} ${path}`))
  })
}

test(
  'no route is there without a key but probes and the page',
  started(keyed, async ({ url }) => {
    const registered = routesIn(
      serverApp({ ...serveSchema.parse(keyed), limiter: null, log: pino({ level: 'silent' }) }).handler.router
        .stack as unknown as Layer[],
    )
    assert.ok(
      registered.includes('GET /health/live') &&
        registered.includes('GET /healthz') &&
        registered.includes('GET /metrics') &&
        registered.includes('GET /'),
      registered.join(),
    )
    const ours = Object.keys(ENDPOINTS).flatMap((path) =>
      ['POST', 'GET', 'OPTIONS'].map((method) => `${method} /v1${path}`),
    )
    const odd = [
      'GET /v1',
      'GET /v1/',
      'GET /v1/models',
      'GET /v1/openapi.json',
      'HEAD /v1/models',
      'PUT /v1/models',
      'GET /v1/models/',
      'GET /v1/models/scripted',
      'GET /V1/models',
      'GET //v1/models',
      'GET /playground/../v1/models',
      'GET /playground/%2e%2e/v1/models',
      'GET /health/live/../../v1/models',
      'POST /health/live',
      'POST /',
      'GET /nowhere',
      'DELETE /healthz',
    ]
    for (const route of new Set([...registered, ...OPEN, ...ours, ...odd])) {
      const [method, path] = route.split(' ')
      const answer = await fetch(url + path, {
        method,
        ...(method === 'POST' && { body: '{}', headers: { 'content-type': 'application/json' } }),
      })
      assert.is(answer.status, OPEN.has(route) ? 200 : 401, route)
      if (!OPEN.has(route)) assert.is(answer.headers.get('www-authenticate'), 'Bearer')
    }
  }),
)

test(
  'each key opens, and nothing like it does',
  started(keyed, async ({ url }) => {
    const ask = (authorization: string) => fetch(`${url}/v1/models`, { headers: { authorization } })
    for (const { key } of [ours, other]) assert.is((await ask(`Bearer ${key}`)).status, 200)
    for (const wrong of [
      '',
      'Bearer',
      'Bearer x',
      `Basic ${ours.key}`,
      `Bearer ${ours.key}x`,
      `Bearer ${ours.hash}`,
      `Bearer ${ours.hash.slice(7)}`,
      ours.key,
    ]) {
      const answer = await ask(wrong)
      assert.is(answer.status, 401, wrong)
      const { error } = await answer.json()
      assert.is(error.code, 'invalid_api_key')
      assert.not.match(JSON.stringify(error), ours.key)
    }
  }),
)

test(
  'a key that asks too often is told when to come again, and no other is',
  started({ ...keyed, requestsPerMinute: 2 }, async ({ url }) => {
    const ask = ({ key }: { key: string }) =>
      post(`${url}/v1/chat/completions`, chat, { authorization: `Bearer ${key}` })
    assert.equal([(await ask(ours)).status, (await ask(ours)).status], [200, 200])
    const refused = await ask(ours)
    assert.is(refused.status, 429)
    const seconds = Number(refused.headers.get('retry-after'))
    assert.ok(seconds >= 1 && seconds <= 60, String(seconds))
    const { error } = await refused.json()
    assert.equal([error.type, error.code], ['rate_limit_error', 'rate_limit_exceeded'])
    assert.is((await ask(other)).status, 200)
  }),
)

test(
  'a body over the limit is refused with 413',
  started({ maxBodyBytes: 2000 }, async ({ url }) => {
    assert.is((await post(`${url}/v1/chat/completions`, { ...chat, pad: 'x'.repeat(3000) })).status, 413)
  }),
)

test(
  'pages of other origins may call only if they are listed',
  started({ corsOrigins: ['https://ours.example'] }, async ({ url }) => {
    const allowed = async (origin: string) =>
      (await fetch(`${url}/v1/models`, { headers: { origin } })).headers.get('access-control-allow-origin')
    assert.equal(
      [await allowed('https://ours.example'), await allowed('https://theirs.example')],
      ['https://ours.example', null],
    )
    const preflight = await fetch(`${url}/v1/chat/completions`, {
      method: 'OPTIONS',
      headers: {
        origin: 'https://ours.example',
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization,content-type',
      },
    })
    assert.is(preflight.status, 204)
    assert.match(preflight.headers.get('access-control-allow-headers') ?? '', /authorization/)
  }),
)

test(
  'without listed origins no page but ours may call',
  started({}, async ({ url }) => {
    assert.is(
      (await fetch(`${url}/v1/models`, { headers: { origin: 'https://theirs.example' } })).headers.get(
        'access-control-allow-origin',
      ),
      null,
    )
  }),
)

test(
  'responses carry headers that keep browsers careful, and an id',
  started({}, async ({ url }) => {
    const { headers } = await fetch(`${url}/v1/models`)
    assert.is(headers.get('x-content-type-options'), 'nosniff')
    assert.match(headers.get('content-security-policy') ?? '', /default-src 'none'/)
    assert.is(headers.get('x-powered-by'), null)
    assert.match(headers.get('x-request-id') ?? '', /^[0-9a-f-]{36}$/)
    const idFor = async (id: string) =>
      (await fetch(`${url}/v1/models`, { headers: { 'x-request-id': id } })).headers.get('x-request-id')
    assert.is(await idFor('client-7:a.b'), 'client-7:a.b')
    for (const odd of ['a b', '<script>', 'x'.repeat(200)]) assert.is.not(await idFor(odd), odd)
  }),
)

test(
  'errors name no path and no code of ours',
  started(
    {},
    async ({ url }) => {
      const answers = [
        post(`${url}/v1/chat/completions`, chat),
        post(`${url}/v1/chat/completions`, '{"model":'),
        post(`${url}/v1/chat/completions`, chat, { 'content-encoding': 'gzip' }),
        fetch(`${url}/v1/models/%ff`),
        fetch(`${url}/playground/%00`),
        fetch(`${url}/playground/%2e%2e/%2e%2e/package.json`),
      ]
      for (const answer of answers) {
        const { status } = await answer
        const text = await (await answer).text()
        assert.ok(status >= 400 && JSON.parse(text).error, text)
        assert.not.match(text, /\/(srv|work|home|usr|node_modules)|\.[tj]s\b|\bat \w+ \(|package\.json:/)
      }
    },
    { error: { thrown: new Error('broke at /srv/secret.ts:5') } },
  ),
)

test(
  'bodies that reach for prototypes are refused or have no effect',
  started({}, async ({ url }, engine) => {
    const base = '"model":"scripted","messages":[{"role":"user","content":"hi"}]'
    const bodies = [
      `{${base},"__proto__":{"temperature":0}}`,
      `{${base},"constructor":{"prototype":{"polluted":1}}}`,
      `{${base},"toString":1}`,
      `{${base},"hasOwnProperty":1}`,
      `{${base},"logit_bias":{"__proto__":5}}`,
      `{${base},"metadata":{"__proto__":{"polluted":1}}}`,
      `{${base},"stream_options":{"__proto__":{"include_usage":true}}}`,
      `{"model":"scripted","messages":[{"__proto__":{"role":"system"},"content":"hi"}]}`,
      `{"model":"__proto__","messages":[]}`,
      '{"model":"constructor"}',
    ]
    for (const body of bodies) {
      const { status } = await post(`${url}/v1/chat/completions`, body)
      assert.ok(status < 500, `${body}: ${status}`)
    }
    assert.is(({} as { polluted?: number }).polluted, undefined)
    assert.ok(engine.requests.every(({ temperature }) => temperature === 1))
  }),
)

test(
  'numbers too large for their field are refused by its name',
  started({}, async ({ url }) => {
    for (const field of [
      'max_tokens',
      'seed',
      'n',
      'top_k',
      'temperature',
      'min_tokens',
      'top_logprobs',
      'presence_penalty',
    ]) {
      for (const number of ['1e308', '1e400', '-1e400', '9007199254740993', '1.0000000001e17', `1${'0'.repeat(400)}`]) {
        const answer = await post(
          `${url}/v1/chat/completions`,
          `{"model":"scripted","messages":[{"role":"user","content":"hi"}],"logprobs":true,"${field}":${number}}`,
        )
        assert.is(answer.status, 400, `${field} ${number.slice(0, 20)}`)
        assert.is((await answer.json()).error.param, field)
      }
    }
  }),
)

test('addresses of images are refused and nobody fetches them', async () => {
  let asked = 0
  const elsewhere = await listen((_req, res) => {
    asked += 1
    res.end()
  })
  await started({}, async ({ url }) => {
    const image = `${elsewhere.url}/latest/meta-data`
    const content = [
      { type: 'text', text: 'what is this?' },
      { type: 'image_url', image_url: { url: image } },
    ]
    const asks: [string, object][] = [
      ['chat/completions', { ...chat, messages: [{ role: 'user', content }] }],
      [
        'responses',
        { model: 'scripted', input: [{ role: 'user', content: [{ type: 'input_image', image_url: image }] }] },
      ],
      [
        'responses',
        { model: 'scripted', input: [{ role: 'user', content: [{ type: 'input_file', file_url: image }] }] },
      ],
    ]
    for (const [path, body] of asks) {
      const answer = await post(`${url}/v1/${path}`, body)
      const { error } = await answer.json()
      assert.is(answer.status, 400, path)
      assert.match(error.param, /^(messages|input)/)
    }
  })()
  await elsewhere.close()
  assert.is(asked, 0)
})

test("line breaks in a model's or user's name reach no header and no further line of the log", async () => {
  const lines: string[] = []
  const log = pino({ level: 'info' }, { write: (line: string) => void lines.push(line) })
  await started({ log }, async ({ url }) => {
    for (const evil of ['x\r\nset-cookie: a=b', 'x\n\ndata: [DONE]', '\u0000', '\u2028']) {
      for (const stream of [false, true]) {
        const answer = await post(`${url}/v1/chat/completions`, {
          ...chat,
          user: evil,
          safety_identifier: evil,
          stream,
        })
        assert.is(answer.status, 200)
        assert.is(answer.headers.get('set-cookie'), null)
        await answer.text()
        assert.is((await post(`${url}/v1/chat/completions`, { ...chat, model: evil, stream })).status, 404)
      }
      await fetch(`${url}/v1/models/${encodeURIComponent(evil)}`)
    }
  })()
  assert.ok(lines.length >= 20)
  for (const line of lines) assert.is(line.trimEnd().split('\n').length, 1)
})

test("what comes behind a request and is none is no fault of the server's, and does not get into its log", async () => {
  const lines: string[] = []
  const log = pino({ level: 'info' }, { write: (line: string) => void lines.push(line) })
  await started({ log }, async ({ url }) => {
    for (let i = 0; i < 30; i++) {
      const socket = connect(Number(new URL(url).port), '127.0.0.1')
        .on('error', () => {})
        .resume()
      socket.end(
        `GET / HTTP/1.1\r\nhost: test\r\nconnection: close\r\ncontent-length: 2\r\n\r\n{}my secret ${'x'.repeat(200)}`,
      )
      await once(socket, 'close')
    }
  })()
  assert.ok(lines.length >= 30)
  for (const line of lines) assert.is(JSON.parse(line).level, 30, line)
  assert.not.match(lines.join(''), /rawPacket|secret/)
})

test("the log has each request's id, status and caller, and nothing that was said, unless asked for", async () => {
  const lines: string[] = []
  const log = pino({ level: 'debug' }, { write: (line: string) => void lines.push(line) })
  const secret = { ...chat, messages: [{ role: 'user', content: 'my secret' }] }
  const headers = { authorization: `Bearer ${ours.key}`, 'x-request-id': 'r-1' }
  await started({ ...keyed, log }, async ({ url }) => {
    await (await post(`${url}/v1/chat/completions?secret=1`, secret, headers)).text()
  })()
  const [line] = lines.map((text) => JSON.parse(text))
  assert.equal(
    [line.requestId, line.status, line.caller, line.path, line.method],
    ['r-1', 200, 'ci', '/v1/chat/completions', 'POST'],
  )
  assert.not.match(lines.join(''), /secret|Hello|sk-sequoia/)

  const engine = scriptedEngine()
  const server = await startServer({ host: '127.0.0.1', port: 0, log })
  server.serve([{ engine: withPromptLog(engine, log) }])
  await (await post(`${server.url}/v1/chat/completions`, secret)).text()
  await server.drain()
  assert.match(lines.join(''), /my secret.*Hello, world/)
})

test(
  'a whole address as target is its path alone, and its key is checked as ever',
  started(keyed, async ({ url }) => {
    const { hostname, port } = new URL(url)
    const status = async (target: string, headers = {}): Promise<number | undefined> => {
      const sent = request({ hostname, port, path: `http://llm.example${target}`, headers }).end()
      const [response] = (await once(sent, 'response')) as [IncomingMessage]
      response.resume()
      return response.statusCode
    }
    const authorization = `Bearer ${ours.key}`
    for (const target of ['/v1/models', '/v1/models/scripted', '/v1/openapi.json', '/healthz']) {
      assert.is(await status(target), 401, target)
      assert.is(await status(target, { authorization }), 200, target)
    }
    assert.is(await status('/health/live'), 200)
    assert.is(await status('/v1/nothing', { authorization }), 404)
  }),
)

test.run()
