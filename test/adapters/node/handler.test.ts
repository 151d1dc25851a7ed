import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { nodeHandler, type Next } from '../../../adapters/node/handler.js'
import { checkAdapter, type AdapterOptions } from '../../../adapters/options.js'
import type { ApiError } from '../../../src/serve/index.js'
import { exchange, jsonPost } from '../../support/in-process-http.js'
import { scriptedEngine } from '../../support/scripted-engine.js'

function handlerOf(options: Partial<AdapterOptions> = {}): ReturnType<typeof nodeHandler> {
  return nodeHandler(checkAdapter({ engine: scriptedEngine(), ...options }), '/v1')
}

/** A host that sends back what it was handed: the error, or the body. */
function host(ours: ReturnType<typeof nodeHandler>): RequestListener {
  return (request: IncomingMessage, response: ServerResponse) => {
    const next: Next = (error) => {
      response.setHeader('x-from', 'host')
      if (error) response.end(`${(error as ApiError).status ?? (error as Error).message}`)
      else request.pipe(response)
    }
    ours(request, response, next)
  }
}

test('a completion is answered, and what is not ours is 404 where nobody else is there', async () => {
  const ours = handlerOf()
  const { status, body } = await exchange(ours, jsonPost('/v1/completions', { model: 'scripted', prompt: 'hi' }))
  assert.equal([status, JSON.parse(body).choices[0].text], [200, 'Hello, world'])
  assert.is((await exchange(ours, { path: '/else' })).status, 404)
})

test("another model's request goes on with every byte of its body", async () => {
  const sent = jsonPost('/v1/completions', { model: 'theirs', prompt: 'é'.repeat(50_000) })
  const { body, headers } = await exchange(host(handlerOf()), sent)
  assert.equal([headers['x-from'], body === sent.body], ['host', true])
})

test('an error is answered here, or worded by the host that asked for it', async () => {
  const wrong = jsonPost('/v1/completions', { model: 'scripted' })
  const answered = await exchange(host(handlerOf()), wrong)
  assert.equal([answered.status, answered.headers['x-from']], [400, undefined])
  assert.is((await exchange(host(handlerOf({ errors: 'host' })), wrong)).body, '400')
})

test('a fault of the adapter itself goes to the host; alone, it is told and the connection ends', async () => {
  const told: unknown[] = []
  const ours = handlerOf({ onError: (error) => void told.push(error) })
  /** A response that cannot be written. */
  const broken = (listener: RequestListener): RequestListener => {
    return (request, response) => {
      const { writeHead } = response
      response.writeHead = () => {
        response.writeHead = writeHead
        throw new Error('broken')
      }
      listener(request, response)
    }
  }
  assert.is((await exchange(broken(host(ours)), { path: '/v1/models/scripted' })).body, 'broken')
  assert.equal(told, [])
  const lost = await exchange(broken(ours), { path: '/v1/models/scripted' }).catch((error: Error) => error)
  assert.instance(lost, Error)
  assert.equal(
    told.map((error) => (error as Error).message),
    ['broken'],
  )
})

test.run()
