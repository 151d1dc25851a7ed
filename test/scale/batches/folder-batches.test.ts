import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { FolderBatches } from '../../../src/scale/batches/folder-batches.js'
import { tempFolder } from '../../support/temp-folder.js'

const given = { endpoint: '/v1/completions', inputFileId: 'file-1', metadata: { a: 'b' } } as const

test('a batch is there for its owner alone, and for the next process', async () => {
  const folder = tempFolder()
  const { batch } = await new FolderBatches(folder, () => 5500).create('me', null, given)
  assert.equal([batch.status, batch.created_at, batch.expires_at], ['validating', 5, 5 + 24 * 3600])
  const next = new FolderBatches(folder)
  assert.equal(await next.get('me', batch.id), batch)
  assert.is(await next.get('you', batch.id), null)
})

test('what is written replaces what was known', async () => {
  const batches = new FolderBatches(tempFolder())
  const stored = await batches.create('me', 60, given)
  stored.batch.status = 'in_progress'
  await batches.write(stored)
  assert.is((await batches.get('me', stored.batch.id))!.status, 'in_progress')
  assert.is((await batches.list('me'))[0].outputExpiresAfter, 60)
})

test("a list is one owner's; ids are all there are; what is no batch in the folder is passed over", async () => {
  const folder = tempFolder()
  const batches = new FolderBatches(folder)
  for (const owner of ['me', 'you', 'me']) await batches.create(owner, null, given)
  for (const name of ['else', `batch_${'0'.repeat(32)}`]) mkdirSync(join(folder, name))
  const counts = [await batches.list('me'), await batches.list('you'), await batches.list('she')]
  assert.equal(
    counts.map(({ length }) => length),
    [2, 1, 0],
  )
  assert.is((await batches.ids()).length, 4)
  assert.equal(await new FolderBatches(join(folder, 'none')).list('me'), [])
})

test('any process asks for cancelling, the first time counts; a batch whose end is settled ends so', async () => {
  const folder = tempFolder()
  const runs = new FolderBatches(folder, () => 5_000)
  const stored = await runs.create('me', null, given)
  const { id } = stored.batch
  assert.is(await runs.cancelling(stored), null)
  await new FolderBatches(folder, () => 7_000).askToCancel(id)
  await runs.askToCancel(id)
  assert.equal(await runs.cancelling(stored), { status: 'cancelling', cancelling_at: 7 })
  stored.batch.status = 'in_progress'
  await runs.write(stored)
  assert.is((await runs.get('me', id))!.status, 'cancelling')
  stored.ending = { status: 'completed', outputId: null, errorId: null }
  stored.batch.status = 'finalizing'
  await runs.write(stored)
  assert.is((await runs.get('me', id))!.status, 'finalizing')
})

test('an id that is none leads nowhere', async () => {
  assert.is(await new FolderBatches(tempFolder()).get('me', '../me'), null)
})

test.run()
