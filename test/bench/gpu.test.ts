// @process own
/** `npm run bench -- gpu` with small shapes over the stand-in for a device: what each part leaves in the file. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { join } from 'node:path'
import { build } from 'esbuild'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { run } from '../../bench/gpu.js'
import { randomBytes } from '../../bench/offload/noise.js'
import { carried, filesOf, listText, writePieces } from '../../bench/gpu/carry.js'
import { Results } from '../../bench/gpu/results.js'
import { DEVICES } from '../../src/runtime/binding/device.js'
import { tempFolder } from '../support/temp-folder.js'

const folder = tempFolder()
const out = join(folder, 'gpu.json')
const gpu = DEVICES.cuda
const log = console.log
test.before(() => {
  console.log = () => undefined
})
test.after(() => {
  console.log = log
  DEVICES.cuda = gpu
})

type Row = Record<string, number | string>
const measured = (...args: string[]): Promise<object> => run(['tiny', `--out=${out}`, `--cache=${folder}`, ...args])
const kept = (): Record<string, Row[] & Row> => JSON.parse(readFileSync(out, 'utf8')) as Record<string, Row[] & Row>

test('a shape on the device: its memory, t(n), what a token takes plainly and with each replayed vector', async () => {
  await measured('7b')
  const results = kept()
  assert.is(results['7b, opened'].bitExact, true)
  assert.ok(Number(results['7b, opened']['weights, bytes']) > 100_000)
  // As many sizes as are quick enough to pay: a busy machine may time fewer.
  const timed = results['7b, t(n)'].map(({ rows }) => rows)
  assert.ok(timed.length > 0)
  assert.equal(timed, [1, 8, 32, 64, 128, 192].slice(0, timed.length))
  const [plain, ...trees] = results['7b, plain and trees']
  assert.equal([plain.way, plain['times plain']], ['plain', 1])
  assert.equal(
    trees.map(({ way }) => way),
    ['tree, published vector', 'tree, our pair, greedy'],
  )
  assert.is(
    [plain, ...trees].every((row) => Number(row['ms a token']) > 0),
    true,
  )
})

test('the same with passes replayed as CUDA graphs, under names of its own', async () => {
  await measured('graphs')
  const results = kept()
  assert.equal(Object.keys(results).slice(1, 4), ['7b replayed, opened', 'written', '7b replayed, t(n)'])
  assert.is(results['7b replayed, plain and trees'].length, 3)
})

test('layers that pass through the device: a third of them stays there, and no disk is read', async () => {
  await measured('offload')
  const { layers, ...opened } = kept()['offload, opened']
  assert.equal([opened['on the GPU'], opened['in pinned memory']], [Number(layers) / 3, (2 * Number(layers)) / 3])
  assert.is(opened['read from disk for a pass, bytes'], 0)
  assert.is(kept()['offload, plain and trees'].length, 3)
})

test('a part that is not there is refused, and one for which no time is left says so', async () => {
  assert.match(
    String(await measured('70b').catch(String)),
    /there is no part "70b"; there are facts, equality, equality-q4, 7b/,
  )
  await measured('13b', '--seconds=0')
  assert.match(String(kept()['13b, left out']), '0 seconds were over')
})

test('each result lies in the file before the next is measured', () => {
  const path = join(folder, 'kept.json')
  const results = new Results(path, () => new Date(0))
  for (const [i, name] of ['one', 'two', 'three'].entries()) {
    results.record(name, i)
    assert.is((JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>)[name], i)
  }
})

test('a run that is cut short leaves what it has', () => {
  const path = join(folder, 'cut.json')
  const results = new Results(path, () => new Date(0))
  results.record('one', [1])
  assert.equal(JSON.parse(readFileSync(path, 'utf8')), {
    started: '1970-01-01T00:00:00.000Z',
    one: [1],
    written: '1970-01-01T00:00:00.000Z',
  })
})

test('what is carried holds every file and package that the benchmark imports', async () => {
  const root = join(import.meta.dirname, '../..')
  const entryPoints = ['bench/run.ts', 'bench/gpu.ts', 'bench/gpu/child.ts']
  const given = {
    absWorkingDir: root,
    bundle: true,
    write: false,
    metafile: true,
    platform: 'node',
    format: 'esm',
  } as const
  const { metafile } = await build({ ...given, entryPoints, outdir: 'out', packages: 'external' })
  const items = carried()
  const files = new Set(items.filter((item) => item.root === root).flatMap(({ paths }) => filesOf(root, paths)))
  const inputs = Object.entries(metafile.inputs)
  assert.equal(
    inputs.map(([path]) => path).filter((path) => !files.has(path)),
    [],
  )
  // What is imported where it is there, such as tracing, need not be.
  const packages = inputs.flatMap(([, { imports }]) =>
    imports.filter(({ external, kind }) => external && kind !== 'dynamic-import').map(({ path }) => path),
  )
  const names = packages.filter((path) => !isBuiltin(path)).map((path) => /^(@[^/]+\/)?[^/]+/.exec(path)![0])
  assert.ok(names.length > 3)
  assert.equal(
    [...new Set(names)].filter((name) => !files.has(`node_modules/${name}/package.json`)),
    [],
  )
  assert.ok(files.has('node_modules/kleur/package.json'), 'what packages need in turn')
})

test('what is carried comes in pieces of a size, which together are all of it', async () => {
  const root = join(folder, 'carried')
  mkdirSync(join(root, 'a/b'), { recursive: true })
  const noise = randomBytes(5000)
  writeFileSync(join(root, 'a/b/noise'), noise)
  writeFileSync(join(root, 'a/text'), 'text')
  assert.equal(filesOf(root, ['a']).sort(), ['a/b/noise', 'a/text'])
  assert.equal(filesOf(root, ['node_modules/onnxruntime-node/bin/napi-v6/win32']), [])
  const items = [
    { what: 'folder', root, paths: ['a'], bytes: 5004 },
    { what: 'another', root: join(root, 'a'), paths: ['text'], bytes: 4 },
    { what: 'libraries', root, paths: [], bytes: 0, otherwise: '"sequoia gpu install"' },
  ]
  assert.match(listText(items), /folder +0\.0 MB\nanother +0\.0 MB\nlibraries +not here: "sequoia gpu install"\nin all/)
  const pieces = join(folder, 'pieces')
  const names = await writePieces(items, 2000, pieces)
  assert.ok(names.length > 1)
  assert.ok(names.every((name) => statSync(join(pieces, name)).size <= 2000))
  const there = join(folder, 'there')
  mkdirSync(there)
  const steps = `sha256sum -c --quiet SHA256SUMS && cat piece-* | tar -xzf - -C ${there}`
  execFileSync('sh', ['-c', steps], { cwd: pieces })
  assert.is(Buffer.compare(readFileSync(join(there, 'a/b/noise')), noise), 0)
  assert.equal(readdirSync(there).sort(), ['a', 'text'])
})

test.run()
