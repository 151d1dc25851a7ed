// @process own
/** `timeout_ms` on the wire, with the official client and the micro pair. */
import express from 'express'
import OpenAI, { APIError } from 'openai'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { sequoia } from '../../adapters/express/index.js'
import type { Engine } from '../../src/api/types.js'
import { openEngine } from '../../src/index.js'
import { eventually, listen, post, type Listening } from '../support/http-app.js'

const timeout = suite('deadlines over HTTP')
let engine: Engine
let listening: Listening
let received = 0

timeout.before(async () => {
  engine = await openEngine({ target: 'micro', maxBatch: 1 })
  listening = await listen(
    express()
      .use((_req, _res, next) => void (received++, next()))
      .use('/v1', sequoia({ engine })),
  )
})
timeout.after(async () => {
  await listening.close()
  await engine.close()
})

const long = {
  model: 'micro',
  prompt: 'This package is',
  max_tokens: 900,
  ignore_eos: true,
  speculation: { off: true },
}
const isIdle = (): boolean => Object.values({ ...engine.usage(), slots: 0 }).every((one) => one === 0)

timeout(
  'an answer that is not complete in time is 504 `timeout`, which the official client does not try again',
  async () => {
    const client = new OpenAI({ baseURL: `${listening.url}/v1`, apiKey: 'none' })
    received = 0
    const body: OpenAI.CompletionCreateParamsNonStreaming & { timeout_ms: number } = { ...long, timeout_ms: 30 }
    const error: unknown = await client.completions.create(body).catch((reason: unknown) => reason)
    assert.instance(error, APIError)
    assert.equal(
      [(error as APIError).status, (error as APIError).code, (error as APIError).type, received],
      [504, 'timeout', 'server_error', 1],
    )
    assert.ok(isIdle())
  },
)

timeout('a stream that has begun ends with the error as an event', async () => {
  for (const [path, body] of [
    ['completions', { ...long, stream: true, timeout_ms: 500 }],
    [
      'responses',
      {
        model: 'micro',
        input: 'hi',
        ignore_eos: true,
        max_output_tokens: 900,
        speculation: { off: true },
        stream: true,
        timeout_ms: 500,
      },
    ],
  ] as const) {
    const response = await post(`${listening.url}/v1/${path}`, body)
    assert.is(response.status, 200)
    const events = (await response.text()).split('\n\n').filter(Boolean)
    assert.ok(events.length > 1)
    const last = JSON.parse(events[events.length - 1].replace(/^(event: error\n)?data: /, ''))
    assert.equal([last.error.code, last.error.type], ['timeout', 'server_error'], path)
    assert.match(last.error.message, 'within 500 ms')
    await eventually(isIdle)
  }
})

timeout('the deadline holds in the queue: 504 before the first byte, though it is to be a stream', async () => {
  const controller = new AbortController()
  const first = await fetch(`${listening.url}/v1/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ ...long, stream: true }),
    signal: controller.signal,
  })
  const second = await post(`${listening.url}/v1/completions`, { ...long, stream: true, timeout_ms: 20 })
  assert.equal([second.status, (await second.json()).error.code], [504, 'timeout'])
  controller.abort()
  await first.text().catch(() => null)
  await eventually(isIdle)
})

timeout('a time that is none is refused by name', async () => {
  for (const timeout_ms of [0, -5, 1.5, '10', 2 ** 40]) {
    const response = await post(`${listening.url}/v1/completions`, { ...long, timeout_ms })
    assert.equal([response.status, (await response.json()).error.param], [400, 'timeout_ms'])
  }
})

timeout.run()
