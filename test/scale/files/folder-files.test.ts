import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { FolderFiles } from '../../../src/scale/files/folder-files.js'
import { newId } from '../../../src/scale/ids.js'
import { tempFolder } from '../../support/temp-folder.js'
import { bytesOf, textOf } from '../support.js'

const files = suite('files in a folder')
const FILE = { owner: 'app', filename: 'in.jsonl', purpose: 'batch', expiresAfter: null } as const

files('are given back byte for byte, from any place on', async () => {
  const store = new FolderFiles(await tempFolder())
  const { id, bytes } = await store.create(bytesOf('one\n', 'zwölf'), FILE)
  assert.is(bytes, 10)
  assert.is(await textOf(store.read('app', id)), 'one\nzwölf')
  assert.is(await textOf(store.read('app', id, 4)), 'zwölf')
})

files('are there for their owner alone', async () => {
  const store = new FolderFiles(await tempFolder())
  const { id } = await store.create(bytesOf('x'), FILE)
  assert.is(await store.get('other', id), null)
  assert.equal(await store.list('other'), [])
  assert.is(await store.remove('other', id), false)
  assert.is(await store.remove('app', id), true)
  assert.is(await store.get('app', id), null)
})

files('of a source that fails leave nothing behind', async () => {
  const folder = await tempFolder()
  const store = new FolderFiles(folder)
  async function* broken(): AsyncGenerator<Uint8Array> {
    yield new Uint8Array(4)
    throw new Error('the client left')
  }
  const error = await store.create(broken(), FILE).catch((thrown: Error) => thrown)
  assert.is((error as Error).message, 'the client left')
  assert.equal(await readdir(folder), [])
})

files('expire: they are gone for everyone, and swept away', async () => {
  const folder = await tempFolder()
  let ms = 1_000_000
  const store = new FolderFiles(folder, () => ms)
  const { id, expires_at: expiresAt } = await store.create(bytesOf('x'), { ...FILE, expiresAfter: 3600 })
  assert.is(expiresAt, 1000 + 3600)
  assert.ok(await store.get('app', id))
  ms += 3600_000
  assert.is(await store.get('app', id), null)
  await store.sweep()
  assert.equal(await readdir(folder), [])
})

files('are adopted once, also where that was cut short between its two steps', async () => {
  const folder = await tempFolder()
  const store = new FolderFiles(join(folder, 'files'))
  const id = newId('file-')
  const path = join(folder, 'journal.jsonl')
  await writeFile(path, 'abc')
  const first = await store.adopt(id, path, FILE)
  assert.equal(await store.adopt(id, path, FILE), first)
  assert.is(await textOf(store.read('app', id)), 'abc')
  const half = newId('file-')
  await writeFile(join(folder, 'files', `${half}.data`), 'moved')
  assert.is((await store.adopt(half, path, FILE)).bytes, 5)
})

files('of ids that are no ids are not looked for', async () => {
  const store = new FolderFiles(await tempFolder())
  assert.is(await store.get('app', '../../etc/passwd'), null)
})

files.run()
