import type { ServerResponse } from 'node:http'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { answerAfterHost } from '../../../adapters/node/host-models.js'
import { exchange, type Got } from '../../support/in-process-http.js'

const list = (...ids: string[]): string => JSON.stringify({ object: 'list', data: ids.map((id) => ({ id })) })
const own = { status: 200, headers: {}, body: JSON.parse(list('ours')) as object }

/** What goes out where the host answers so; `x-before` was set ahead of both. */
function after(host: (response: ServerResponse) => void, merges: boolean, headers = {}): Promise<Got> {
  return exchange(
    (request, response) => {
      response.setHeader('x-before', 'yes')
      answerAfterHost(request, response, { own, merges }, () => {
        response.setHeader('x-asked', request.headers['accept-encoding'] ?? 'plain')
        host(response)
      })
    },
    { headers: { 'accept-encoding': 'gzip', ...headers } },
  )
}

test("a host's list goes out as it is, by whichever calls it writes", async () => {
  const hosts: ((response: ServerResponse) => void)[] = [
    (response) => response.end(list('theirs')),
    (response) => {
      response.writeHead(200, { 'x-host': 'yes' })
      response.write(list('theirs').slice(0, 5))
      response.end(list('theirs').slice(5))
    },
    (response) => {
      response.flushHeaders()
      response.end(list('theirs'))
    },
  ]
  for (const host of hosts) {
    const { body, headers } = await after(host, false)
    assert.equal([body, headers['x-asked']], [list('theirs'), 'gzip'])
  }
})

test("ours takes the place of the host's 404, and its headers go with it", async () => {
  const { status, body, headers } = await after(
    (response) => response.writeHead(404, 'Nothing here', ['x-host', 'yes', 'content-length', '2']).end('no'),
    false,
  )
  assert.equal([status, body], [200, list('ours')])
  assert.equal([headers['x-before'], headers['x-host'], headers['x-asked']], ['yes', undefined, undefined])
})

test("merged, ours stands behind the host's, with the host's headers and a length of its own", async () => {
  const { body, headers } = await after((response) => {
    response.writeHead(200, { etag: '"1"', 'x-host': 'yes', 'content-length': Buffer.byteLength(list('theirs')) })
    response.write(Buffer.from(list('theirs')))
    response.end()
  }, true)
  assert.is(body, list('theirs', 'ours'))
  assert.equal([headers['x-host'], headers.etag, headers['x-asked']], ['yes', undefined, 'plain'])
  assert.is(headers['content-length'], String(list('theirs', 'ours').length))
})

test('merging leaves what is no list as it came, and does not hold it longer than to its end', async () => {
  assert.is((await after((response) => response.end('<html>'), true)).body, '<html>')
  const { status, body } = await after((response) => response.writeHead(500).end(list('theirs')), true)
  assert.equal([status, body], [500, list('theirs')])
})

test('a held write calls back, so that a host that waits for it goes on', async () => {
  const { body } = await after((response) => {
    response.write(list('theirs').slice(0, 9), () => response.end(list('theirs').slice(9)))
  }, true)
  assert.is(body, list('theirs', 'ours'))
})

test.run()
