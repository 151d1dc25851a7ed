import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { unlessAborted } from '../../src/common/unless-aborted.js'

const never = new Promise<void>(() => undefined)

test('waits for work, and fails as it does', async () => {
  const { signal } = new AbortController()
  const done: string[] = []
  await unlessAborted(
    Promise.resolve().then(() => done.push('done')),
    signal,
  )
  assert.equal(done, ['done'])
  const failed = await unlessAborted(Promise.reject(new Error('full')), signal).catch((error: Error) => error)
  assert.is((failed as Error).message, 'full')
})

test('waits no longer than its signal lets it, and not for the failure of what it left', async () => {
  const control = new AbortController()
  const waiting = unlessAborted(never, control.signal)
  control.abort()
  await waiting
  await unlessAborted(never, control.signal)
  await unlessAborted(Promise.reject(new Error('full')), control.signal)
})

test.run()
