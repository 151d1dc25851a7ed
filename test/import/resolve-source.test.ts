import { readFileSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { ModelError } from '../../src/spec/errors.js'
import { cacheFolder } from '../../src/common/cache-folder.js'
import { knownModels, pull } from '../../src/import/pull/index.js'
import { resolveSource } from '../../src/import/resolve-source.js'
import { tempFolder } from '../support/temp-folder.js'

const dir = tempFolder()
const options = { cacheDir: join(dir, 'cache') }

async function notFound(promise: Promise<unknown>, ...parts: string[]): Promise<void> {
  const error = await promise.then(
    () => null,
    (thrown: unknown) => thrown,
  )
  assert.instance(error, ModelError)
  assert.is((error as ModelError).code, 'model_not_found')
  for (const part of parts) assert.ok((error as ModelError).message.includes(part), (error as ModelError).message)
}

test('a path of a file or folder is itself', async () => {
  const path = join(dir, 'some.gguf')
  writeFileSync(path, '')
  assert.is(await resolveSource(path, options), path)
  assert.is(await resolveSource(dir, options), dir)
})

test('what is neither a name nor a path is not found, and the known names are listed', async () => {
  await notFound(resolveSource('smollm', options), '"smollm"', ...knownModels.map((model) => model.name))
  await notFound(resolveSource('smolm2-135m', options), 'did you mean "smollm2-135m"?')
  await notFound(pull('smollm', options), '"smollm"', 'smollm2-135m')
})

test('known names are those of the documentation', () => {
  const docs = readFileSync(new URL('../../docs/models.md', import.meta.url), 'utf8')
  for (const { name } of knownModels) assert.ok(docs.includes(`\`${name}\``), name)
})

test("the micro pair is the package's own", async () => {
  for (const [name, file] of [
    ['micro', 'target.gguf'],
    ['micro-draft', 'draft.gguf'],
  ]) {
    assert.ok((await resolveSource(name, options)).endsWith(join('models', 'micro', file)))
  }
})

test("the cache folder is the platform's, and can be moved", () => {
  assert.is(cacheFolder({ XDG_CACHE_HOME: '/x' }, 'linux'), join('/x', 'sequoia-onnx'))
  assert.is(cacheFolder({}, 'linux'), join(homedir(), '.cache', 'sequoia-onnx'))
  assert.is(cacheFolder({}, 'darwin'), join(homedir(), 'Library', 'Caches', 'sequoia-onnx'))
  assert.is(cacheFolder({ LOCALAPPDATA: '/l' }, 'win32'), join('/l', 'sequoia-onnx', 'cache'))
})

test.run()
