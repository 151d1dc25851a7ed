// @process own
/** `sequoia models`, `sequoia rm` and `sequoia verify` over one cache. */
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { run } from '../../src/cli/run.js'
import { ensureImported } from '../../src/import/index.js'
import { printed, type Printed } from '../support/console.js'
import { buildGguf } from '../support/gguf-file.js'
import { tempFolder } from '../support/temp-folder.js'
import { tinyLlama } from '../support/tiny-llama.js'

const before = process.env.XDG_CACHE_HOME
const commands = suite<{ cacheDir: string; dir: string; path: string }>('the cache from the command line', {
  cacheDir: '',
  dir: '',
  path: '',
})
const cli = (...args: string[]): Promise<Printed> => printed(() => run(args))

commands.before.each(async (context) => {
  process.env.XDG_CACHE_HOME = tempFolder()
  context.cacheDir = join(process.env.XDG_CACHE_HOME, 'sequoia-onnx')
  context.path = join(tempFolder(), 'tiny.gguf')
  writeFileSync(context.path, buildGguf(tinyLlama()))
  context.dir = (await ensureImported(context.path, { cacheDir: context.cacheDir, format: 'fp32' })).dir
})
commands.after(() => {
  if (before === undefined) delete process.env.XDG_CACHE_HOME
  else process.env.XDG_CACHE_HOME = before
})

commands('models lists name, format, size and last use, for people and as JSON', async ({ cacheDir, dir, path }) => {
  const people = await cli('models')
  assert.is(people.code, 0)
  assert.match(people.out, /^imported  tiny  fp32  .*B  used \d{4}-\d\d-\d\d\n.* in .*sequoia-onnx\n$/)
  const { out } = await cli('models', '--json')
  const found = JSON.parse(out) as { cacheDir: string; sources: unknown[]; imports: Record<string, unknown>[] }
  assert.equal(Object.keys(found), ['cacheDir', 'sources', 'imports'])
  assert.is(found.cacheDir, cacheDir)
  const [{ usedAt, bytes, ...rest }] = found.imports
  assert.equal(rest, { name: 'tiny', format: 'fp32', path: dir, source: path, isCurrent: true })
  assert.ok(Number(bytes) > 0 && !Number.isNaN(Date.parse(String(usedAt))))
})

commands('rm removes what a name stands for and says so; what nothing stands for is a wrong call', async ({ dir }) => {
  const wrong = await cli('rm', 'other')
  assert.is(wrong.code, 2)
  assert.match(wrong.err, /nothing in the cache is called "other"; it has tiny/)
  const { code, out } = await cli('rm', 'tiny', '--json')
  assert.is(code, 0)
  const { removed } = JSON.parse(out) as { removed: { path: string; bytes: number }[] }
  assert.is(removed[0].path, dir)
  assert.not(existsSync(dir))
  assert.match((await cli('models')).out, /^0\.0 MB in /)
})

commands('verify ends with 0 where all is whole, and with 2 naming the file that is not', async ({ dir }) => {
  const whole = await cli('verify')
  assert.equal([whole.code, whole.out], [0, `whole: ${dir}\n`])
  writeFileSync(join(dir, 'weights.bin'), 'x')
  const damaged = await cli('verify', 'tiny')
  assert.is(damaged.code, 2)
  assert.match(damaged.out, /^DAMAGED: .*weights\.bin has 1 bytes, expected \d+; delete its folder and import/)
  const { checked } = JSON.parse((await cli('verify', '--json')).out) as { checked: { path: string; fault: string }[] }
  assert.is(checked[0].path, dir)
  assert.match(checked[0].fault, 'weights.bin')
  assert.is((await cli('verify', 'other')).code, 2)
})

commands.run()
