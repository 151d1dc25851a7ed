// @process own
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { run } from '../../src/cli/dispatch.js'
import { cli } from '../support/cli.js'
import { printed } from '../support/console.js'
import { tempFolder } from '../support/temp-folder.js'

test('a wrong call ends with code 2 and says on standard error what is wrong', async () => {
  const cases: [string[], RegExp][] = [
    [['serv'], /unknown command "serv" \(did you mean "serve"\?\); known are serve, chat, generate/],
    [
      ['serve', '--prot', '1'],
      /sequoia serve: unknown flag --prot \(did you mean "--port"\?\)[\s\S]*Usage: sequoia serve/,
    ],
    [['generate'], /the prompt is missing/],
    [['plan', '--acceptance', 'a.json', '--nodes', '4'], /--depth D is missing/],
    [['pull'], /the name of a model is missing/],
    [['import', 'no/such/model.gguf'], /there is nothing at .*model\.gguf/],
  ]
  for (const [args, words] of cases) {
    const { code, out, err } = await printed(() => run(args))
    assert.is(code, 2, args.join(' '))
    assert.match(err, words)
    assert.is(out, '')
  }
})

test('an unknown model is a wrong call, told the known ones', async () => {
  for (const args of [
    ['pull', 'gpt-9'],
    ['generate', '--model', 'gpt-9', 'hi'],
  ]) {
    const { code, err } = await printed(() => run(args))
    assert.is(code, 2)
    assert.match(err, /"gpt-9".*smollm2-135m/)
    assert.not.match(err, /at .*\.ts:\d+/, 'no stack for people')
  }
})

test('--version says what this is and what it stands on', async () => {
  const { code, out } = await printed(() => run(['--version']))
  assert.is(code, 0)
  assert.match(out, /^sequoia-onnx \d+\.\d+\.\d+ \(ONNX Runtime \d+\.\d+\.\d+, Node \d+/)
})

test("help is on standard output: the commands, and each command's flags", async () => {
  const [all, none, one] = [
    await printed(() => run(['--help'])),
    await printed(() => run([])),
    await printed(() => run(['serve', '--help'])),
  ]
  assert.equal([all.code, none.code, one.code], [0, 2, 0])
  const names = [
    'serve',
    'chat',
    'generate',
    'pull',
    'models',
    'rm',
    'verify',
    'import',
    'tune',
    'plan',
    'doctor',
    'gpu',
    'key',
  ]
  assert.match(all.out, new RegExp(names.map((name) => `\\n  ${name} +\\S.*`).join('')))
  assert.match(one.out, /--port P +port to listen on/)
})

test('a corrupt model file is a wrong call, told in one line', async () => {
  const path = join(tempFolder(), 'broken.gguf')
  writeFileSync(path, 'GGUF and no more than that, which is no header')
  for (const args of [
    ['generate', '--model', path, 'hi'],
    ['import', path],
  ]) {
    const { code, err } = await printed(() => run(args))
    assert.is(code, 2)
    assert.match(err, /broken\.gguf/)
    assert.not.match(err, /Usage:|at .*\.ts:\d+/)
  }
})

test('a cache folder below a file is a wrong call, told in one line', async () => {
  const { XDG_CACHE_HOME } = process.env
  const file = join(tempFolder(), 'file')
  writeFileSync(file, '')
  process.env.XDG_CACHE_HOME = file
  try {
    for (const args of [
      ['pull', 'micro'],
      ['generate', '--model', 'micro', 'hi'],
      ['generate', 'hi'],
    ]) {
      const { code, err } = await printed(() => run(args))
      assert.is(code, 2, err)
      assert.match(err, /file.* cannot be written \(ENOTDIR\); choose a cache folder/)
      assert.not.match(err, /at .*\.ts:\d+|toy/)
    }
  } finally {
    if (XDG_CACHE_HOME === undefined) delete process.env.XDG_CACHE_HOME
    else process.env.XDG_CACHE_HOME = XDG_CACHE_HOME
  }
})

test('what follows -- is an operand, even where it looks like a flag', async () => {
  const { code, out, err } = await printed(() => run(['pull', '--', '--help']))
  assert.is(out, '')
  assert.is(code, 2)
  assert.match(err, /"--help" is not a known model|there is no model "--help"/)
})

test("the program's exit code is the command's", async () => {
  const [wrong, right] = await Promise.all([cli(['serv']), cli(['serve', '--help'])])
  assert.equal([wrong.code, right.code], [2, 0])
  assert.match(wrong.err, /unknown command/)
})

test.run()
