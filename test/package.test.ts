// @process own
/** What `npm publish` would send: its size, as the documentation states it, and that it is whole. */
import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { minVersion, satisfies } from 'semver'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { readDoc } from './support/doc-examples.js'

interface Packed {
  size: number
  unpackedSize: number
  files: { path: string }[]
}

/** Bytes. What is stated in the documentation, and a tenth above it. */
const STATED = { packed: 17e6, unpacked: 21e6 }
const ROOM = 1.1

/** Of what it stands on, megabytes on disk. */
const DEPENDENCIES = 330

const [packed] = JSON.parse(
  execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
    shell: process.platform === 'win32',
    maxBuffer: 2 ** 24,
  }),
) as Packed[]

test('the package is as large as the documentation says', () => {
  assert.ok(packed.size <= STATED.packed * ROOM, `${packed.size} bytes packed`)
  assert.ok(packed.unpackedSize <= STATED.unpacked * ROOM, `${packed.unpackedSize} bytes unpacked`)
  const [inMegabytes, unpacked] = [STATED.packed, STATED.unpacked].map((bytes) => bytes / 1e6)
  assert.match(readDoc('docs/getting-started.md'), `${inMegabytes} MB to download, ${unpacked} MB unpacked`)
})

test('what it stands on takes as much of the disk as the documentation says', () => {
  const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8')) as {
    packages: Record<string, { dev?: boolean; devOptional?: boolean; peer?: boolean }>
  }
  const installed = Object.entries(packages).filter(
    ([path, { dev, devOptional, peer }]) => path !== '' && !dev && !devOptional && !peer && existsSync(path),
  )
  const bytes = installed.reduce((sum, [path]) => sum + bytesOf(path), 0)
  assert.ok(
    installed.length > 50 && bytes <= DEPENDENCIES * 1e6 * ROOM,
    `${bytes} bytes of ${installed.length} packages`,
  )
  assert.match(readDoc('docs/getting-started.md'), `${DEPENDENCIES} MB in \`node_modules\``)
})

/** Of a package's own files: packages below it are counted by themselves. */
function bytesOf(folder: string): number {
  return readdirSync(folder, { withFileTypes: true }).reduce((sum, entry) => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return entry.name === 'node_modules' ? sum : sum + bytesOf(path)
    return sum + statSync(path).size
  }, 0)
}

test('every package runs on the oldest Node that ours runs on, tools too, so that npm warns of none', () => {
  const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8')) as {
    packages: Record<string, { engines?: { node?: string } }>
  }
  const oldest = minVersion(packages[''].engines!.node!)!
  assert.equal(
    Object.entries(packages).filter(([, { engines }]) => !satisfies(oldest, engines?.node ?? '*')),
    [],
  )
})

test('it holds the models and what it runs, and nothing that only makes it', () => {
  const paths = packed.files.map(({ path }) => path)
  for (const needed of ['models/micro/target.gguf', 'models/smollm2-135m-draft/draft.gguf', 'playground/index.html'])
    assert.ok(paths.includes(needed), needed)
  assert.equal(
    paths.filter((path) => /^(?:src|test|bench|scripts|node_modules)\//.test(path)),
    [],
  )
  assert.ok(existsSync('dist/src/cli/main.js') === paths.includes('dist/src/cli/main.js'))
})

test.run()
