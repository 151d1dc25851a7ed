import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { checkStore } from '../../../src/scale/queue/store-address.js'

test('addresses of stores are taken as they are', () => {
  for (const address of ['redis://localhost', 'rediss://user:secret@store:6380/2'])
    assert.is(checkStore(address), address)
})

test('anything else is refused, and shown', () => {
  for (const wrong of ['localhost:6379', 'http://store', '', undefined, 6379])
    assert.throws(() => checkStore(wrong), /redis must be a redis:\/\/ or rediss:\/\/ address; got/)
})

test.run()
