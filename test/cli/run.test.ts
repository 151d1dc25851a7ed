import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { cli } from '../support/cli.js'

test('a wrong call ends with code 2 and says on standard error what is wrong', async () => {
  const cases: [string[], RegExp][] = [
    [['serv'], /unknown command "serv"; known are serve, generate/],
    [['serve', '--prot', '1'], /sequoia serve: unknown flag --prot[\s\S]*Usage: sequoia serve/],
    [['generate'], /the prompt is missing/],
    [['plan', '--acceptance', 'a.json', '--nodes', '4'], /--depth D is missing/],
    [['pull'], /the name of a model is missing/],
    [['import', 'no/such/model.gguf'], /there is nothing at .*model\.gguf/],
  ]
  const runs = await Promise.all(cases.map(([args]) => cli(args)))
  runs.forEach(({ code, out, err }, i) => {
    assert.is(code, 2, cases[i][0].join(' '))
    assert.match(err, cases[i][1])
    assert.is(out, '')
  })
})

test('an unknown model fails with code 1 and names the known ones', async () => {
  const [pulled, generated] = await Promise.all([cli(['pull', 'gpt-9']), cli(['generate', '--model', 'gpt-9', 'hi'])])
  for (const { code, err } of [pulled, generated]) {
    assert.is(code, 1)
    assert.match(err, /"gpt-9".*smollm2-135m/)
    assert.not.match(err, /at .*\.ts:\d+/, 'no stack for people')
  }
})

test('help is on standard output: the commands, and each command\'s flags', async () => {
  const [all, none, one] = await Promise.all([cli(['--help']), cli([]), cli(['serve', '--help'])])
  assert.is(all.code, 0)
  assert.match(all.out, /serve .*\n +generate .*\n +pull .*\n +import .*\n +plan /)
  assert.is(none.code, 2)
  assert.is(one.code, 0)
  assert.match(one.out, /--port P +port to listen on/)
})

test.run()
