// @process own
/**
 * What only Express hosts do: parsers of every kind before and behind the mount, routers within routers, the default
 * error handler.
 */
import { createRequire } from 'node:module'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import express5, { type Express } from 'express'
import { sequoia, type SequoiaOptions } from '../../../adapters/express/index.js'
import { SequoiaError } from '../../../src/spec/errors.js'
import { listen, post } from '../../support/http-app.js'
import { scriptedEngine } from '../../support/scripted-engine.js'

const express4 = createRequire(import.meta.url)('express4') as typeof express5
const chat = { model: 'scripted', messages: [{ role: 'user', content: 'hi' }] }
const foreign = { ...chat, model: 'someone-elses', pad: 'é'.repeat(100_000) }

for (const [version, express] of [
  ['4', express4],
  ['5', express5],
] as const) {
  const it = suite(`express ${version}`)

  const withApp =
    (
      options: Partial<SequoiaOptions>,
      mount: (app: Express, ours: ReturnType<typeof sequoia>) => void,
      run: (url: string) => Promise<void>,
    ) =>
    async () => {
      const app = express()
      mount(app, sequoia({ engine: scriptedEngine(), onError: () => {}, ...options }))
      const listening = await listen(app)
      try {
        await run(listening.url)
      } finally {
        await listening.close()
      }
    }

  it(
    'works behind a parser that keeps bytes',
    withApp(
      {},
      (app, ours) => void app.use(express.raw({ type: '*/*' }), ours),
      async (url) => {
        assert.is((await post(`${url}/chat/completions`, chat)).status, 200)
      },
    ),
  )

  it(
    "a parser behind us reads a foreign model's body",
    withApp(
      {},
      (app, ours) => {
        app
          .use('/v1', ours)
          .post('/v1/chat/completions', express.json({ limit: '10mb' }), (req, res) => void res.json(req.body))
      },
      async (url) => {
        assert.equal(await (await post(`${url}/v1/chat/completions`, foreign)).json(), foreign)
      },
    ),
  )

  it(
    'works in a router within a router, behind prefixes with parameters',
    withApp(
      {},
      (app, ours) => {
        app.use('/tenants/:tenant', express.Router().use('/ai', express.Router().use('/v1/', ours)))
      },
      async (url) => {
        assert.is((await post(`${url}/tenants/a%20b/ai/v1/chat/completions?trace=1`, chat)).status, 200)
        assert.is((await (await fetch(`${url}/tenants/a/ai/v1/models/`)).json()).data[0].id, 'scripted')
      },
    ),
  )

  it(
    "keeps its own list where the host's last word is an error of status 404",
    withApp(
      {},
      (app, ours) => {
        app
          .set('env', 'test')
          .use('/v1', ours)
          .use((_req, _res, next) => next(Object.assign(new Error('nothing here'), { status: 404 })))
      },
      async (url) => {
        const response = await fetch(`${url}/v1/models`)
        assert.equal([response.status, response.headers.get('content-security-policy')], [200, null])
        assert.is((await response.json()).data[0].id, 'scripted')
      },
    ),
  )

  it(
    "leaves the host's own failure to list models as it is",
    withApp(
      { models: 'merge' },
      (app, ours) => {
        app.use('/v1', ours).get('/v1/models', (_req, res) => void res.status(502).send('upstream is down'))
      },
      async (url) => {
        const response = await fetch(`${url}/v1/models`)
        assert.equal([response.status, await response.text()], [502, 'upstream is down'])
      },
    ),
  )

  it(
    'leaves a list it does not understand as it is',
    withApp(
      { models: 'merge' },
      (app, ours) => void app.use('/v1', ours).get('/v1/models', (_req, res) => void res.send('<ul></ul>')),
      async (url) => {
        const response = await fetch(`${url}/v1/models`)
        assert.equal(
          [response.headers.get('content-type'), await response.text()],
          ['text/html; charset=utf-8', '<ul></ul>'],
        )
      },
    ),
  )

  it(
    'an error handed to Express keeps its status and headers',
    withApp(
      { errors: 'host', engine: scriptedEngine({ error: { thrown: new SequoiaError('overloaded', 'full') } }) },
      (app, ours) => void app.set('env', 'test').use('/v1', ours),
      async (url) => {
        const response = await post(`${url}/v1/chat/completions`, chat)
        assert.equal([response.status, response.headers.get('retry-after')], [429, '1'])
      },
    ),
  )

  it('flushes each event where a compressing host asks for it', async () => {
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

  it.run()
}
