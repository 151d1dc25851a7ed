import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { availableParallelism } from 'node:os'
import { cpuList, cpuListLength, defaultThreads } from '../../src/runtime/threads.js'

test('threads by default are 1 to 8, and no more than this process may use', () => {
  const threads = defaultThreads()
  assert.ok(Number.isInteger(threads) && threads >= 1 && threads <= 8)
  assert.ok(threads <= availableParallelism())
})

test('a kernel list of CPUs has single ones and ranges', () => {
  assert.equal(cpuList('0\n'), [0])
  assert.equal(cpuList('0-1,8,10-11\n'), [0, 1, 8, 10, 11])
  assert.is(cpuListLength('0-1,8,10-11\n'), 5)
})

test('what is no list names no CPU, and counts as one', () => {
  for (const list of ['3-1', 'none']) {
    assert.equal(cpuList(list), [], list)
    assert.is(cpuListLength(list), 1, list)
  }
})

test.run()
