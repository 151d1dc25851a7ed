// @process native
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { cachedModel, cli } from './cached-model.js'

test('models lists name, format, size and last use, for people and as JSON', async () => {
  const { cacheDir, dir, path } = await cachedModel()
  const people = await cli('models')
  assert.is(people.code, 0)
  assert.match(people.out, /^imported  tiny  fp32  .*B  used \d{4}-\d\d-\d\d, of .*tiny\.gguf\n.* in .*sequoia-onnx\n$/)
  const { out } = await cli('models', '--json')
  const found = JSON.parse(out) as { cacheDir: string; sources: unknown[]; imports: Record<string, unknown>[] }
  assert.equal(Object.keys(found), ['cacheDir', 'sources', 'imports', 'unfinished'])
  assert.is(found.cacheDir, cacheDir)
  const [{ usedAt, bytes, ...rest }] = found.imports
  assert.equal(rest, { name: 'tiny', format: 'fp32', path: dir, source: path, isKnown: false, isCurrent: true })
  assert.ok(Number(bytes) > 0 && !Number.isNaN(Date.parse(String(usedAt))))
})

test.run()
