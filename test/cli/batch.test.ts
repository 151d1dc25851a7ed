// @process own
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { cli } from '../support/cli.js'
import { tempFolder } from '../support/temp-folder.js'

const batch = suite('sequoia batch')

const line = (id: string, body: object): string =>
  `${JSON.stringify({ custom_id: id, method: 'POST', url: '/v1/completions', body: { model: 'micro', ...body } })}\n`

batch('answers a file by a file, and what is there already is not asked again', async () => {
  const folder = tempFolder()
  const [input, output] = [join(folder, 'in.jsonl'), join(folder, 'out.jsonl')]
  const right = { prompt: 'This package is', max_tokens: 4, temperature: 0 }
  await writeFile(input, line('a', right) + line('b', { prompt: 7 }) + line('c', { ...right, model: 'none such' }))
  const first = await cli(['batch', input, output, '--model', 'micro'])
  assert.is(first.code, 0, first.err)
  assert.match(first.err, /3 requests, 2 refused; answers in/)
  const text = await readFile(output, 'utf8')
  const answers = new Map(
    text
      .trim()
      .split('\n')
      .map((one) => JSON.parse(one) as { custom_id: string; response: { status_code: number } })
      .map(({ custom_id: id, response }) => [id, response.status_code]),
  )
  assert.equal([answers.get('a'), answers.get('b'), answers.get('c')], [200, 400, 404])
  assert.is((await cli(['batch', input, output, '--model', 'micro'])).code, 0)
  assert.is(await readFile(output, 'utf8'), text)
})

batch('ends with code 2 for a faulty line, naming it, and for a file that is not there', async () => {
  const folder = tempFolder()
  const [input, output] = [join(folder, 'in.jsonl'), join(folder, 'out.jsonl')]
  await writeFile(input, 'no json\n')
  const faulty = await cli(['batch', input, output, '--model', 'micro'])
  assert.is(faulty.code, 2)
  assert.match(faulty.err, /in\.jsonl line 1: the line is not JSON/)
  const missing = await cli(['batch', join(folder, 'none.jsonl'), output, '--model', 'micro'])
  assert.is(missing.code, 2)
  assert.match(missing.err, /none\.jsonl cannot be read/)
  assert.is((await cli(['batch', input])).code, 2)
})

batch.run()
