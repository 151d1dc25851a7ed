/** PyTorch's own files of weights: what torch.save wrote, and what is refused by the tensor's name. */
import { copyFileSync, mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { readArchive } from '../../../src/checkpoint/pytorch/index.js'
import { openFolder } from '../../../src/checkpoint/safetensors/index.js'
import { ModelError } from '../../../src/spec/errors.js'
import { pickle, tensor, type TensorSteps } from '../../support/pickle.js'
import { tempFolder } from '../../support/temp-folder.js'
import { buildZip } from '../../support/zip.js'

const root = tempFolder()
const FIXTURE = fileURLToPath(new URL('../../fixtures/eagle3/bin', import.meta.url))
let count = 0

function written(entries: Readonly<Record<string, Uint8Array>>, deflates = false): string {
  const path = join(root, `${count++}.bin`)
  writeFileSync(path, buildZip(entries, { deflates }))
  return path
}

const archive = (steps: TensorSteps): string =>
  written({ 'archive/data.pkl': pickle({ a: tensor(steps) }), 'archive/data/0': new Uint8Array(24) })

async function refusal(path: string): Promise<string> {
  const error: unknown = await readArchive(path).catch((reason: unknown) => reason)
  assert.instance(error, ModelError)
  return (error as ModelError).message
}

test('a folder with torch.save’s file alone is read as one with safetensors', async () => {
  const folder = await openFolder(FIXTURE)
  const { shape, kind } = folder.tensors.get('fc.weight')!
  assert.equal([shape, kind.name], [[32, 96], 'BF16'])
  assert.is(folder.tensors.get('norm.weight')!.kind.name, 'F32')
  const [offsets, marks] = [await folder.read('d2t'), await folder.read('t2d')]
  assert.equal(
    [...marks.keys()].filter((token) => marks[token] === 1),
    Array.from(offsets, (offset, i) => i + offset),
  )
  const hash = await folder.hash()
  await folder.close()
  const other = join(root, 'changed')
  mkdirSync(other)
  for (const name of ['config.json', 'pytorch_model.bin']) copyFileSync(join(FIXTURE, name), join(other, name))
  const same = await openFolder(other)
  assert.is(await same.hash(), hash)
  const bytes = readFileSync(join(other, 'pytorch_model.bin'))
  bytes[bytes.length - 1] ^= 1
  writeFileSync(join(other, 'pytorch_model.bin'), bytes)
  assert.is.not(await same.hash(), hash)
  await same.close()
})

test('tensors lie where their entries are', async () => {
  const path = archive({ shape: [2, 2], stride: [2, 1], from: 2 })
  const { offset, bytes } = (await readArchive(path)).get('a')!
  assert.is(bytes, 16)
  assert.ok(offset > 8 && offset + bytes <= readFileSync(path).length)
})

test('what is not there, no zip, or cut short is refused', async () => {
  assert.match(await refusal(join(root, 'none.bin')), /none\.bin is missing/)
  const old = join(root, 'old.bin')
  writeFileSync(old, Buffer.from('\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19.', 'latin1'))
  assert.match(await refusal(old), /no PyTorch file as torch\.save has written it since 1\.6/)
  const cut = join(root, 'cut.bin')
  copyFileSync(join(FIXTURE, 'pytorch_model.bin'), cut)
  truncateSync(cut, 9000)
  assert.match(await refusal(cut), /truncated or no PyTorch file/)
  assert.match(await refusal(written({ 'archive/other': new Uint8Array(3) })), /no data\.pkl/)
})

test('tensors of other types, orders or places are refused by name', async () => {
  assert.match(await refusal(archive({ shape: [2], stride: [1], type: 'DoubleStorage' })), /tensor a in DoubleStorage/)
  assert.match(await refusal(archive({ shape: [2, 2], stride: [1, 2] })), /tensor a \[2, 2\] with strides \[1, 2\]/)
  assert.match(
    await refusal(archive({ shape: [4, 2], stride: [2, 1] })),
    /tensor a \[4, 2\] in F32 24 bytes; it takes 32/,
  )
  assert.match(await refusal(archive({ shape: [2], stride: [1], key: '9' })), /corrupt entry for tensor a/)
})

test('values that are compressed or big-endian are refused', async () => {
  const entries = { 'archive/data.pkl': pickle({ a: tensor({ shape: [2], stride: [1] }) }) }
  assert.match(
    await refusal(written({ ...entries, 'archive/data/0': new Uint8Array(24) }, true)),
    /entry archive\/data\/0 compressed/,
  )
  assert.match(await refusal(written({ ...entries, 'archive/byteorder': Buffer.from('big') })), /big-endian/)
})

test.run()
