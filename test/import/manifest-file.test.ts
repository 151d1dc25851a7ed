/** The manifest of an import: what it keeps, and what is found wrong with the files it lists. */
import { readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { loadManifest, verifyFiles } from '../../src/import/manifest-file.js'
import { ModelError } from '../../src/spec/errors.js'
import { tempFolder } from '../support/temp-folder.js'
import { writeImport } from '../support/written-import.js'

const flip = (path: string): void => {
  const bytes = readFileSync(path)
  bytes[bytes.length >> 1] ^= 1
  writeFileSync(path, bytes)
}

test('a manifest is read as it was written, layers that are alike once in the file', async () => {
  const dir = tempFolder()
  const manifest = await writeImport(dir)
  assert.equal(await loadManifest(dir), manifest)
  assert.equal(await verifyFiles(dir), manifest)
  const { spec } = JSON.parse(readFileSync(join(dir, 'sequoia.json'), 'utf8')) as { spec: Record<string, unknown> }
  assert.equal([(spec.kinds as unknown[]).length, spec.layers], [1, [0, 0]])
})

test('a manifest of an earlier release, which has no sum of its own, is read', async () => {
  const dir = tempFolder()
  const manifest = await writeImport(dir)
  const path = join(dir, 'sequoia.json')
  const { sha256, ...rest } = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>
  assert.match(String(sha256), /^[0-9a-f]{64}$/)
  writeFileSync(path, JSON.stringify(rest, null, 1))
  assert.equal(await loadManifest(dir), manifest)
})

const damages: [what: string, damage: (dir: string) => void, code: string, message: RegExp][] = [
  ['no manifest', (dir) => rmSync(join(dir, 'sequoia.json')), 'model_not_found', /no imported model here/],
  ['a manifest that is not JSON', (dir) => writeFileSync(join(dir, 'sequoia.json'), '{'), 'model_invalid', /not JSON/],
  [
    'a manifest of another version',
    (dir) => writeFileSync(join(dir, 'sequoia.json'), '{"version":0}'),
    'model_invalid',
    /has version 0, this release reads \d+/,
  ],
  [
    'a manifest without a part',
    (dir) => {
      const path = join(dir, 'sequoia.json')
      const { source: _, ...rest } = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>
      writeFileSync(path, JSON.stringify(rest))
    },
    'model_invalid',
    /lacks a part/,
  ],
  [
    'a manifest of which a digit has changed',
    (dir) => {
      const path = join(dir, 'sequoia.json')
      const text = readFileSync(path, 'utf8')
      writeFileSync(
        path,
        text.replace(/("hidden": )(\d)/, (_, name: string, digit) => `${name}${(Number(digit) % 9) + 1}`),
      )
    },
    'model_invalid',
    /sequoia\.json is not what import wrote/,
  ],
  ['a missing file', (dir) => rmSync(join(dir, 'graph.onnx')), 'model_not_found', /graph\.onnx is missing/],
  [
    'a truncated weight file',
    (dir) => truncateSync(join(dir, 'weights.bin'), 5),
    'model_invalid',
    /weights\.bin has 5 bytes, expected 8/,
  ],
  [
    'a flipped byte in a graph',
    (dir) => flip(join(dir, 'graph-single.onnx')),
    'model_invalid',
    /graph-single\.onnx has SHA-256 .*, expected/,
  ],
]
for (const [what, damage, code, message] of damages) {
  test(`${what} is refused with what is wrong and what to do`, async () => {
    const dir = tempFolder()
    await writeImport(dir)
    damage(dir)
    const error: unknown = await loadManifest(dir).catch((reason: unknown) => reason)
    assert.instance(error, ModelError)
    assert.is((error as ModelError).code, code)
    assert.match((error as ModelError).message, message)
    assert.match((error as ModelError).message, /import the model again/)
  })
}

test.run()
