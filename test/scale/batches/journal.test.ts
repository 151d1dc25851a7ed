import { appendFile, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Journal } from '../../../src/scale/batches/journal.js'
import { tempFolder } from '../../support/temp-folder.js'

const journals = suite('journal')

journals('gives back what was appended, in order', async () => {
  const path = join(await tempFolder(), 'a.jsonl')
  const journal = await Journal.open(path)
  await Promise.all([1, 2, 3].map((n) => journal.append({ n })))
  await journal.close()
  const seen: unknown[] = []
  const again = await Journal.open(path, (entry) => seen.push(entry))
  await again.close()
  assert.equal(seen, [{ n: 1 }, { n: 2 }, { n: 3 }])
  assert.is(again.lines, 3)
})

journals('cuts a torn last line off and goes on behind the whole ones', async () => {
  const path = join(await tempFolder(), 'a.jsonl')
  await writeFile(path, '{"n":1}\n{"n":2}\n')
  await appendFile(path, '{"n":3,"text":"zw')
  const journal = await Journal.open(path)
  assert.is(journal.lines, 2)
  await journal.append({ n: 4 })
  await journal.close()
  assert.is(await readFile(path, 'utf8'), '{"n":1}\n{"n":2}\n{"n":4}\n')
})

journals('keeps a last line that lacks nothing but its end', async () => {
  const path = join(await tempFolder(), 'a.jsonl')
  await writeFile(path, '{"n":1}\n{"n":2}')
  const journal = await Journal.open(path)
  await journal.append({ n: 3 })
  await journal.close()
  assert.is(await readFile(path, 'utf8'), '{"n":1}\n{"n":2}\n{"n":3}\n')
})

journals.run()
