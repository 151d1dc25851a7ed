// @process native
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { installGpuLibraries } from '../../../src/import/pull/gpu-libraries.js'
import { PullError, StorageError } from '../../../src/spec/errors.js'
import { tempFolder } from '../../support/temp-folder.js'
import { buildZip } from '../../support/zip.js'

const root = tempFolder()
const VERSION = '1.30.0'
const NAMES = [`libonnxruntime.so.${VERSION}`, 'libonnxruntime_providers_cuda.so', 'libonnxruntime_providers_shared.so']
let made = 0

/** A wheel of the package; `record` may change what it says of its files. */
function wheel(record: (line: string) => string = (line) => line): string {
  const files = Object.fromEntries(NAMES.map((name) => [`onnxruntime/capi/${name}`, Buffer.from(`bytes of ${name}`)]))
  const lines = Object.entries(files).map(([name, bytes]) =>
    record(`${name},sha256=${createHash('sha256').update(bytes).digest('base64url')},${bytes.length}`),
  )
  const path = join(root, `wheel-${made++}`)
  const entries = { ...files, [`onnxruntime_gpu-${VERSION}.dist-info/RECORD`]: Buffer.from(lines.join('\n')) }
  writeFileSync(path, buildZip(entries))
  return path
}

/** Stands in for pip and its index: leaves the wheel in the folder that it was told, and keeps its arguments. */
function index(path: string | null): { commands: string[][]; asked: () => string } {
  const [script, log] = [join(root, `pip-${made}.mjs`), join(root, `asked-${made++}`)]
  writeFileSync(
    script,
    `import { copyFileSync, writeFileSync } from 'node:fs'
     const args = process.argv.slice(2)
     writeFileSync(${JSON.stringify(log)}, args.join(' '))
     const wheel = ${JSON.stringify(path)}
     if (!wheel) { console.error('ERROR: No matching distribution found'); process.exit(1) }
     copyFileSync(wheel, args[args.indexOf('--dest') + 1] + '/onnxruntime_gpu-${VERSION}-cp312.whl')`,
  )
  return { commands: [[process.execPath, script]], asked: () => readFileSync(log, 'utf8') }
}

function place(): { cacheDir: string; dir: string } {
  const cacheDir = join(root, `cache-${made++}`)
  return { cacheDir, dir: join(cacheDir, `onnxruntime-gpu-${VERSION}`) }
}

test('the libraries of the version in use are taken out of the package, and nothing else is left', async () => {
  const { cacheDir, dir } = place()
  const { commands, asked } = index(wheel())
  mkdirSync(dir, { recursive: true })
  writeFileSync(join(dir, 'old'), '')
  assert.equal(await installGpuLibraries({ version: VERSION, dir, cacheDir, commands }), NAMES)
  assert.equal(readdirSync(dir).sort(), [...NAMES].sort())
  assert.is(readFileSync(join(dir, NAMES[1]), 'utf8'), `bytes of ${NAMES[1]}`)
  assert.equal(readdirSync(cacheDir), [`onnxruntime-gpu-${VERSION}`])
  assert.match(asked(), /^download .*--only-binary=:all: .*--dest .* onnxruntime-gpu==1\.30\.0$/)
})

test('a library that is not what the record says is refused, and what was there stays', async () => {
  const { cacheDir, dir } = place()
  mkdirSync(dir, { recursive: true })
  writeFileSync(join(dir, 'old'), '')
  const { commands } = index(wheel((line) => line.replace(/sha256=..../, 'sha256=AAAA')))
  const error = await installGpuLibraries({ version: VERSION, dir, cacheDir, commands }).catch((e: unknown) => e)
  assert.instance(error, PullError)
  assert.match(String(error), /libonnxruntime\.so\.1\.30\.0 of .*\.whl has SHA-256 .*, its record says sha256=AAAA/)
  assert.ok(existsSync(join(dir, 'old')))
})

test('an index without the package, and a disk without room, are told in one sentence', async () => {
  const { cacheDir, dir } = place()
  const { commands } = index(null)
  const error = await installGpuLibraries({ version: VERSION, dir, cacheDir, commands }).catch((e: unknown) => e)
  assert.match(String(error), /onnxruntime-gpu==1\.30\.0 cannot be had from the Python package index: .*No matching/)
  const full = installGpuLibraries({ version: VERSION, dir, cacheDir, commands, freeBytes: async () => 1000 })
  assert.instance(await full.catch((e: unknown) => e), StorageError)
})

test.run()
