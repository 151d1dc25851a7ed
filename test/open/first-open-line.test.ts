import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { PassThrough } from 'node:stream'
import { remark } from '../../src/common/progress.js'
import { firstOpenLine } from '../../src/open/first-open-line.js'

const stream = (isTTY: boolean) => Object.assign(new PassThrough(), { isTTY }) as PassThrough & NodeJS.WriteStream

test('a terminal gets one line, when work begins and not for remarks', () => {
  const shown = stream(true)
  const tell = firstOpenLine('micro', shown)!
  tell(remark('terms of use'))
  assert.is(shown.read(), null)
  tell({ stage: 'import', text: 'import micro', done: 0, total: 2 })
  tell({ stage: 'calibrate', text: 'timing', done: 0, total: 2 })
  assert.match(String(shown.read()), /^sequoia-onnx: first open of micro: [^\n]*onProgress[^\n]*\n$/)
})

test('what is no terminal gets nothing', () => {
  assert.is(firstOpenLine('micro', stream(false)), undefined)
})

test.run()
