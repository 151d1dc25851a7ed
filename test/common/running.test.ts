import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { isRunning } from '../../src/common/running.js'

/** Above what Linux, macOS and Windows give to a process. */
const NO_PROCESS = 2 ** 31 - 1

test('the process that started this one runs; one that does not exist does not', () => {
  assert.ok(isRunning(process.ppid))
  assert.not(isRunning(NO_PROCESS))
})

test("this process's own id was an earlier one's, whose traces were found", () => {
  assert.not(isRunning(process.pid))
})

test('a process that may not be signalled runs all the same', () => {
  const { kill } = process
  process.kill = () => {
    throw Object.assign(new Error('not yours'), { code: 'EPERM' })
  }
  try {
    assert.ok(isRunning(1))
  } finally {
    process.kill = kill
  }
})

test.run()
