import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { adapters } from '../../adapters/index.js'
import { exampleNames, readDoc } from '../support/doc-examples.js'
import { mounts } from './support/mounts.js'

const root = fileURLToPath(new URL('../..', import.meta.url))
const pkg = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))

test('every folder of adapters/ is in the list, and has an example', () => {
  const folders = readdirSync(join(root, 'adapters'), { withFileTypes: true }).filter((one) => one.isDirectory())
  const names = adapters.map(({ name }) => name).sort()
  assert.equal(folders.map(({ name }) => name).sort(), names)
  assert.equal(exampleNames(readDoc('docs/adapters.md')).sort(), names)
})

test('every adapter has an entry point of the package, and peers that are optional', () => {
  for (const { entry, peers } of adapters) {
    assert.ok(existsSync(join(root, pkg.exports[entry].default.replace('./dist/', '').replace(/\.js$/, '.ts'))), entry)
    for (const peer of peers) assert.is(pkg.peerDependenciesMeta[peer]?.optional, true, peer)
  }
})

test('every adapter that speaks HTTP goes through the conformance suites', () => {
  for (const { name, carries } of adapters)
    assert.is(
      mounts.some((mount) => mount.name.split(' ')[0] === name),
      carries === 'http',
      name,
    )
})

test.run()
