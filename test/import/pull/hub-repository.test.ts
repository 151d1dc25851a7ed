// @process own
import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { progressLines } from '../../../src/common/progress-lines.js'
import { pull } from '../../../src/import/pull/index.js'
import { readPin } from '../../../src/import/pull/hub-repository.js'
import { InvalidArgumentError, PullError } from '../../../src/spec/errors.js'
import { listen, type Listening } from '../../support/http-app.js'
import { tempFolder } from '../../support/temp-folder.js'

const root = tempFolder()
const COMMIT = 'c0ffee'
const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex')
const large = (seed: number): Buffer => Buffer.from(Uint8Array.from({ length: 200_000 }, (_, i) => (i * seed) % 251))
/** By repository: files, those in large file storage by their ending. */
const hub: Record<string, Record<string, Buffer>> = {
  'some/model': {
    'config.json': Buffer.from('{"model_type":"llama"}'),
    'tokenizer.json': Buffer.from('{}'),
    'model.safetensors': large(7919),
    'pytorch_model.bin': large(3),
  },
  'some/model-GGUF': { 'model-Q4_K_M.gguf': large(5), 'model-Q8_0.gguf': large(11) },
  'Qwen/Qwen3-0.6B-GGUF': { 'Qwen3-0.6B-Q8_0.gguf': large(13) },
  'microsoft/Phi-3-mini-4k-instruct-gguf': {
    'Phi-3-mini-4k-instruct-fp16.gguf': large(17),
    'Phi-3-mini-4k-instruct-q4.gguf': large(19),
  },
}
/** Sent in place of a file, though the listing says otherwise. */
const sent: Record<string, Buffer> = {}

const test = suite<{ server: Listening; requests: string[] }>('a repository of the hub', {
  server: undefined as never,
  requests: [],
})
test.before(async (context) => {
  context.server = await listen((request, response) => {
    const { range, authorization } = request.headers
    context.requests.push([request.url, range, authorization].filter(Boolean).join(' '))
    if (authorization !== 'Bearer secret') return void response.writeHead(401).end()
    const pattern = /^\/(?:api\/models\/)?(\w+\/[\w.-]+)\/(?:resolve\/c0ffee\/)?(.*)$/
    const [, repository, name] = pattern.exec(request.url!) ?? []
    const files = hub[repository]
    if (!files) return void response.writeHead(404).end()
    if (name.startsWith('revision')) return void response.end(JSON.stringify(listing(files)))
    const from = Number(/bytes=(\d+)-/.exec(range ?? '')?.[1] ?? 0)
    if (from > 0) response.writeHead(206, { 'content-range': `bytes ${from}-` })
    response.end((sent[name] ?? files[name]).subarray(from))
  })
  Object.assign(process.env, { HF_ENDPOINT: context.server.url, HF_TOKEN: 'secret' })
})
test.after(({ server }) => server.close())
test.before.each((context) => void (context.requests.length = 0))

function listing(files: Record<string, Buffer>): object {
  const siblings = Object.entries(files).map(([rfilename, bytes]) => ({
    rfilename,
    size: bytes.length,
    blobId: createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex'),
    ...(bytes.length > 1000 ? { lfs: { sha256: sha256(bytes), size: bytes.length } } : {}),
  }))
  return { sha: COMMIT, siblings }
}

const failure = (name: string): Promise<unknown> =>
  pull(name, { cacheDir: join(root, 'failing') }).then(
    () => null,
    (thrown: unknown) => thrown,
  )

test('a folder is pulled at its newest commit, by token, and found again without the network', async (context) => {
  const lines: string[] = []
  const options = { cacheDir: join(root, 'folder'), onProgress: progressLines((line) => lines.push(line)) }
  const path = await pull('hf.co/some/model', options)
  const files = hub['some/model']
  for (const name of ['config.json', 'tokenizer.json', 'model.safetensors'])
    assert.equal(readFileSync(join(path, name)), files[name])
  assert.not(context.requests.some((request) => request.includes('pytorch_model')))
  const hash = sha256(files['model.safetensors'])
  assert.ok(lines.includes(`model.safetensors: 200000 bytes, SHA-256 ${hash}`), lines.join('\n'))
  const pin = await readPin(path)
  assert.is(pin?.revision, COMMIT)
  assert.equal(pin?.files['model.safetensors'], { bytes: 200_000, sha256: hash })
  assert.is(pin?.files['config.json'].sha256, sha256(files['config.json']))
  context.requests.length = 0
  assert.is(await pull('hf.co/some/model', options), path)
  assert.equal(context.requests, [])
})

test('a quantization is pulled, and a part that an earlier call left is gone on from', async (context) => {
  const cacheDir = join(root, 'quantization')
  const dir = join(cacheDir, 'sources', 'hf', 'some', 'Q8_0', 'model-GGUF')
  const bytes = hub['some/model-GGUF']['model-Q8_0.gguf']
  mkdirSync(dir, { recursive: true })
  writeFileSync(join(dir, 'model-Q8_0.gguf.part'), bytes.subarray(0, 90_000))
  const path = await pull('hf.co/some/model-GGUF:Q8_0', { cacheDir })
  assert.is(path, join(dir, 'model-Q8_0.gguf'))
  assert.equal(readFileSync(path), bytes)
  assert.ok(context.requests.some((request) => request.includes('model-Q8_0.gguf bytes=90000-')))
})

test('a file that was damaged since is pulled again', async () => {
  const options = { cacheDir: join(root, 'damaged') }
  const path = await pull('hf.co/some/model-GGUF', options)
  writeFileSync(path, Buffer.alloc(200_000))
  assert.is(await pull('hf.co/some/model-GGUF', options), path)
  assert.equal(readFileSync(path), hub['some/model-GGUF']['model-Q4_K_M.gguf'])
})

test('files that are not what the hub states are refused with both hashes, and not kept', async () => {
  for (const name of ['config.json', 'model.safetensors']) {
    sent[name] = Buffer.alloc(hub['some/model'][name].length, 1)
    const error = await failure('hf.co/some/model')
    delete sent[name]
    assert.instance(error, PullError)
    const { message } = error as Error
    assert.match(message, name)
    assert.match(message, name === 'config.json' ? /Git hash \w{40}; the hub states 22 and \w{40}/ : /expected \w{64}/)
    assert.is(await readPin(join(root, 'failing', 'sources', 'hf', 'some', 'files', 'model')), null)
  }
})

test('what is not there, gated, or not to be chosen from says so', async () => {
  assert.match(((await failure('hf.co/no/such')) as Error).message, /404/)
  const unclear = await failure('hf.co/some/model-GGUF:Q2_K')
  assert.instance(unclear, InvalidArgumentError)
  assert.match((unclear as Error).message, 'model-Q4_K_M.gguf, model-Q8_0.gguf')
  process.env.HF_TOKEN = 'wrong'
  const gated = await failure('hf.co/some/model')
  process.env.HF_TOKEN = 'secret'
  assert.instance(gated, PullError)
  assert.not((gated as PullError).offline)
  assert.match((gated as Error).message, /401.*HF_TOKEN/)
})

test('a known name of a repository stands for what it refers to', async () => {
  const cacheDir = tempFolder()
  assert.is(basename(await pull('qwen3-0.6b', { cacheDir })), 'Qwen3-0.6B-Q8_0.gguf')
  assert.is(basename(await pull('phi3-mini', { cacheDir })), 'Phi-3-mini-4k-instruct-q4.gguf')
})

test.run()
