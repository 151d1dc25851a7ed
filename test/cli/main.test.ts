// @process own
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { finished, start } from '../support/cli.js'

test('a reader that stops early is an end like any other, a wrong call is code 2', async () => {
  const cut = start(['--help'])
  cut.stdout!.destroy()
  const wrong = start(['nothing'])
  const [ended, refused] = await Promise.all([finished(cut), finished(wrong)])
  assert.equal([ended.code, ended.err], [0, ''])
  assert.is(refused.code, 2)
  assert.match(refused.err, 'unknown command "nothing"')
})

test.run()
