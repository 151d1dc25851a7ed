// @process own
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { run } from '../../src/cli/dispatch.js'
import { printed } from '../support/console.js'
import { tempFolder } from '../support/temp-folder.js'

process.env.XDG_CACHE_HOME = tempFolder()

test('a model and the draft that it is decoded with are imported, each told with its form and folder', async () => {
  const { code, out } = await printed(() => run(['pull', 'micro', '--format', 'fp32']))
  assert.is(code, 0)
  const folder = process.env.XDG_CACHE_HOME!
  assert.equal(
    out
      .trimEnd()
      .split('\n')
      .map((line) => line.replace(/ is ready in .*/, (dir) => (dir.includes(folder) ? '' : dir))),
    ['target (fp32)', 'draft (fp32)'],
  )
})

test('a form that there is not, and a name that is not known, are wrong calls', async () => {
  const form = await printed(() => run(['pull', 'micro', '--format', 'fp99']))
  assert.equal([form.code, /fp99/.test(form.err)], [2, true])
  const name = await printed(() => run(['pull', 'gpt-9']))
  assert.equal([name.code, /"gpt-9"/.test(name.err)], [2, true])
})

test.run()
