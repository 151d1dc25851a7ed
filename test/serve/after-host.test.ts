import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { afterHost, mergedModels, passesHost } from '../../src/serve/after-host.js'

const own = { status: 200, headers: {}, body: { object: 'list', data: [{ id: 'ours' }, { id: 'both' }] } }

test("a host's answer passes, but for its 404, and its list where ours is added", () => {
  assert.equal(
    [200, 304, 500].map((status) => passesHost(status, false)),
    [true, true, true],
  )
  assert.equal(
    [200, 304, 404].map((status) => passesHost(status, true)),
    [false, true, false],
  )
  assert.not.ok(passesHost(404, false))
})

test("ours takes the place of the host's 404, and is added to its list, each model once", () => {
  assert.is(afterHost({ status: 404, body: 'no' }, own), own)
  const merged = afterHost({ status: 200, body: '{"object":"list","data":[{"id":"both"},{"id":"theirs"}],"x":1}' }, own)
  assert.equal(merged!.body, { object: 'list', data: [{ id: 'both' }, { id: 'theirs' }, { id: 'ours' }], x: 1 })
})

test('what is no list of models stays as it is', () => {
  for (const body of ['', 'x', '[]', 'null', '{"data":5}', '{']) assert.is(mergedModels(body, own.body), null)
})

test.run()
