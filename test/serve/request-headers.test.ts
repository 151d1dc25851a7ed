import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { namedIn, requestIdOf } from '../../src/serve/request-headers.js'

const of =
  (headers: Record<string, string | null>) =>
  (name: string): string | null | undefined =>
    headers[name]

test('the conversation and the id are taken as far as they are named', () => {
  assert.equal(namedIn(of({})), {})
  assert.equal(namedIn(of({ 'x-session-id': '', 'x-request-id': null })), {})
  assert.equal(namedIn(of({ 'x-session-id': 's', 'x-request-id': 'r' })), { session: 's', requestId: 'r' })
})

test('an id that is long or not harmless is none', () => {
  for (const id of ['x'.repeat(129), 'a b', 'é', 'a\nb']) assert.is(requestIdOf(of({ 'x-request-id': id })), undefined)
  assert.is(requestIdOf(of({ 'x-request-id': 'x'.repeat(128) })), 'x'.repeat(128))
})

test.run()
