// @process native
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { progressLines } from '../../../src/common/progress-lines.js'
import { ModelError } from '../../../src/spec/errors.js'
import { hubSource } from '../../../src/import/pull/hub-source.js'
import { pullModel } from '../../../src/import/pull/index.js'
import { listen, type Listening } from '../../support/http-app.js'
import { tempFolder } from '../../support/temp-folder.js'

const root = tempFolder()
const config = Buffer.from('{"model_type":"llama"}')
const weights = Buffer.from(Uint8Array.from({ length: 300_000 }, (_, i) => (i * 7919) % 251))
const files = { 'config.json': factsOf(config), 'model.safetensors': factsOf(weights) }

type Answer = (request: IncomingMessage, response: ServerResponse, bytes: Buffer, from: number) => void

const sendRange: Answer = (_request, response, bytes, from) => {
  if (from > 0) response.writeHead(206, { 'content-range': `bytes ${from}-${bytes.length - 1}/${bytes.length}` })
  response.end(bytes.subarray(from))
}

const test = suite<{ hub: Listening; answer: Answer; requests: string[] }>('the hub', {
  hub: undefined as never,
  answer: sendRange,
  requests: [],
})

test.before(async (context) => {
  context.hub = await listen((request, response) => {
    const { range } = request.headers
    context.requests.push(`${request.url} ${range ?? ''}`.trim())
    const bytes = request.url?.endsWith('/config.json') ? config : weights
    context.answer(request, response, bytes, Number(/bytes=(\d+)-/.exec(range ?? '')?.[1] ?? 0))
  })
})
test.after(({ hub }) => hub.close())
test.before.each((context) => {
  context.answer = sendRange
  context.requests = []
})

function factsOf(bytes: Buffer): { bytes: number; sha256: string } {
  return { bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') }
}

const model = (baseUrl: string): Parameters<typeof pullModel>[0] => ({
  name: 'tiny-hf',
  summary: '',
  sources: [hubSource({ repository: 'some/model', revision: 'abc', folder: 'tiny', files, baseUrl })],
})

const partFile = (cacheDir: string): string => join(cacheDir, 'sources', 'tiny', 'model.safetensors.part')

/** A cache in which an earlier transfer left this much. */
function cacheWithPart(name: string, bytes: Uint8Array): string {
  const cacheDir = join(root, name)
  mkdirSync(join(cacheDir, 'sources', 'tiny'), { recursive: true })
  writeFileSync(partFile(cacheDir), bytes)
  return cacheDir
}

async function failure(cacheDir: string, baseUrl: string): Promise<string> {
  const error = await pullModel(model(baseUrl), { cacheDir }).then(
    () => null,
    (thrown: unknown) => thrown,
  )
  assert.instance(error, ModelError)
  assert.is((error as ModelError).code, 'pull_failed')
  return (error as ModelError).message
}

test('a folder is pulled at its revision, with progress, and found again without the network', async ({
  hub,
  requests,
}) => {
  const cacheDir = join(root, 'whole')
  const lines: string[] = []
  const path = await pullModel(model(hub.url), { cacheDir, onProgress: progressLines((line) => lines.push(line)) })
  assert.is(path, join(cacheDir, 'sources', 'tiny'))
  assert.equal(readFileSync(join(path, 'config.json')), config)
  assert.equal(readFileSync(join(path, 'model.safetensors')), weights)
  assert.equal(
    readdirSync(path).filter((name) => name.endsWith('.part')),
    [],
  )
  assert.ok(
    lines.some((line) => line.includes('model.safetensors: 0.3 of 0.3 MB')),
    lines.join('\n'),
  )
  assert.equal(requests, ['/some/model/resolve/abc/config.json', '/some/model/resolve/abc/model.safetensors'])
  assert.is(await pullModel(model('http://127.0.0.1:1'), { cacheDir }), path)
})

test('a part left by an earlier call is gone on from', async ({ hub, requests }) => {
  const cacheDir = cacheWithPart('resumed', weights.subarray(0, 100_000))
  const path = await pullModel(model(hub.url), { cacheDir })
  assert.equal(readFileSync(join(path, 'model.safetensors')), weights)
  assert.ok(requests.includes('/some/model/resolve/abc/model.safetensors bytes=100000-'))
})

test('a server that knows no ranges sends the whole file again', async (context) => {
  context.answer = (_request, response, bytes) => response.end(bytes)
  const cacheDir = cacheWithPart('no-ranges', weights.subarray(0, 100_000))
  const path = await pullModel(model(context.hub.url), { cacheDir })
  assert.equal(readFileSync(join(path, 'model.safetensors')), weights)
})

test('a part of another file, or longer than the file, is thrown away and the file pulled whole', async ({ hub }) => {
  for (const part of [Buffer.alloc(100_000, 9), Buffer.alloc(weights.length, 9), Buffer.alloc(weights.length + 5, 9)]) {
    const cacheDir = cacheWithPart(`stale-${part.length}`, part)
    const path = await pullModel(model(hub.url), { cacheDir })
    assert.equal(readFileSync(join(path, 'model.safetensors')), weights)
  }
})

test('a transfer that breaks off is taken up where it stopped', async (context) => {
  context.answer = (request, response, bytes, from) => {
    if (from > 0 || bytes === config) return sendRange(request, response, bytes, from)
    response.writeHead(200, { 'content-length': bytes.length })
    response.write(bytes.subarray(0, 120_000), () => response.destroy())
  }
  const path = await pullModel(model(context.hub.url), { cacheDir: join(root, 'broken-off') })
  assert.equal(readFileSync(join(path, 'model.safetensors')), weights)
  assert.ok(context.requests.some((request) => /bytes=[1-9]\d*-$/.test(request)))
})

test('a file that is not the expected one is refused with both hashes and not kept', async (context) => {
  const other = Buffer.alloc(weights.length, 1)
  context.answer = (request, response, bytes, from) =>
    sendRange(request, response, bytes === config ? config : other, from)
  const cacheDir = join(root, 'other')
  const message = await failure(cacheDir, context.hub.url)
  for (const part of ['model.safetensors', factsOf(other).sha256, factsOf(weights).sha256])
    assert.ok(message.includes(part), message)
  assert.equal(
    readdirSync(join(cacheDir, 'sources', 'tiny')).filter((name) => name.startsWith('model.')),
    [],
  )
})

test('a file longer than expected is refused as soon as it is', async (context) => {
  context.answer = (_request, response, bytes) => response.end(Buffer.concat([bytes, bytes]))
  assert.match(await failure(join(root, 'longer'), context.hub.url), `more than the ${config.length} bytes`)
})

test("an error names the source, the file and the server's answer", async (context) => {
  context.answer = (_request, response) => response.writeHead(404).end()
  const message = await failure(join(root, 'absent'), context.hub.url)
  for (const part of ['tiny-hf could not be pulled', 'the Hugging Face hub (some/model)', 'config.json', '404'])
    assert.ok(message.includes(part), message)
})

test('a server that cannot be reached is named with the reason', async () => {
  const gone = await listen(() => undefined)
  await gone.close()
  const message = await failure(join(root, 'unreachable'), gone.url)
  assert.ok(message.includes(gone.url) && message.includes('ECONNREFUSED'), message)
})

test('every source is tried in turn, and all are named when none delivers', async ({ hub }) => {
  const failing = {
    label: 'the first place',
    find: () => Promise.resolve(null),
    fetch: () => Promise.reject(new Error('it is closed')),
  }
  const both = { ...model(hub.url), sources: [failing, ...model(hub.url).sources] }
  assert.ok(existsSync(await pullModel(both, { cacheDir: join(root, 'second') })))
  const error = await pullModel(
    { ...both, sources: [failing, { ...failing, label: 'the other' }] },
    { cacheDir: join(root, 'none') },
  ).then(
    () => null,
    (thrown: Error) => thrown,
  )
  assert.match(error?.message ?? '', 'the first place: it is closed; and the other: it is closed')
})

test.run()
