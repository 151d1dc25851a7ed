import { mkdirSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { takeLease } from '../../../src/scale/batches/lease.js'
import { tempFolder } from '../../support/temp-folder.js'

const SECONDS_AGO = (count: number): number => Date.now() / 1000 - count

test('a folder is leased to one at a time, and again when it was given back', async () => {
  const folder = join(tempFolder(), 'made')
  const first = (await takeLease(folder))!
  assert.ok(first.isHeld())
  assert.is(await takeLease(folder), null)
  await first.release()
  const second = (await takeLease(folder))!
  assert.ok(second.isHeld())
  await second.release()
})

test("a lock that was not renewed for ten seconds is nobody's, a younger one somebody's", async () => {
  const folder = tempFolder()
  const lock = join(folder, 'running.lock')
  mkdirSync(lock)
  utimesSync(lock, SECONDS_AGO(5), SECONDS_AGO(5))
  assert.is(await takeLease(folder), null)
  utimesSync(lock, SECONDS_AGO(15), SECONDS_AGO(15))
  await (await takeLease(folder))!.release()
})

test('who slept for too long no longer holds it, and gives it back once it is known whose it is', async () => {
  const folder = tempFolder()
  const lease = (await takeLease(folder, 1_000))!
  const { now } = performance
  performance.now = () => now.call(performance) + 6_000
  try {
    assert.not.ok(lease.isHeld())
  } finally {
    performance.now = now
  }
  assert.not.ok(lease.isHeld())
  await lease.release()
  assert.is(await takeLease(folder), null)
  let next = null
  while (next === null) next = await takeLease(folder)
  await next.release()
})

test.run()
