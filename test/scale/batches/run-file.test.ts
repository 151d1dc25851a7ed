import { appendFile, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { runFile } from '../../../src/scale/batches/run-file.js'
import { tempFolder } from '../../support/temp-folder.js'
import { echo, requestLine } from '../support.js'

const files = suite('a file of requests')

const NEVER = new AbortController().signal

async function folderWith(text: string) {
  const folder = tempFolder()
  const [inputPath, outputPath] = [join(folder, 'in.jsonl'), join(folder, 'out.jsonl')]
  await writeFile(inputPath, text)
  return { inputPath, outputPath, parse: JSON.parse, width: () => 2 }
}

files('becomes a file of answers, refusals among them', async () => {
  const run = await folderWith(requestLine('a', 'p') + requestLine('b', 'bad'))
  const seen: number[][] = []
  const onProgress = (done: number, total: number): unknown => seen.push([done, total])
  const result = await runFile({ ...run, answer: async (_endpoint, body) => echo(body), onProgress }, NEVER)
  assert.equal(result, { total: 2, failed: 1 })
  assert.equal(seen, [
    [0, 2],
    [1, 2],
    [2, 2],
  ])
  const lines = (await readFile(run.outputPath, 'utf8')).trim().split('\n')
  assert.equal(lines.map((line) => (JSON.parse(line) as { custom_id: string }).custom_id).sort(), ['a', 'b'])
})

files('goes on where it was interrupted, a torn line included', async () => {
  const run = await folderWith(['a', 'b', 'c'].map((id) => requestLine(id, id)).join(''))
  await writeFile(run.outputPath, '{"custom_id":"b","response":{"status_code":200}}\n')
  await appendFile(run.outputPath, '{"custom_id":"a","resp')
  const asked: string[] = []
  const answer = async (_endpoint: string, body: unknown) => {
    asked.push(echo(body).requestId)
    return echo(body)
  }
  assert.equal(await runFile({ ...run, answer }, NEVER), { total: 3, failed: 0 })
  assert.equal(asked, ['req_a', 'req_c'])
})

files('with a faulty line is refused by its number before anything runs', async () => {
  const run = await folderWith(`${requestLine('a', 'p')}{"custom_id":"b"}\n`)
  const answer = (): never => {
    throw new Error('nothing was to run')
  }
  const error = await runFile({ ...run, answer }, NEVER).catch((thrown: Error) => thrown)
  assert.match((error as Error).message, /in\.jsonl line 2: method must be "POST"/)
})

files('may ask different endpoints', async () => {
  const body = { model: 'm', prompt: 'p' }
  const line = { custom_id: 'b', method: 'POST', url: '/v1/completions', body }
  const run = await folderWith(`${requestLine('a', 'p')}${JSON.stringify(line)}\n`)
  const asked: string[] = []
  const answer = async (endpoint: string) => {
    asked.push(endpoint)
    return { status: 200, requestId: 'r', body: {} }
  }
  await runFile({ ...run, answer, width: () => 1 }, NEVER)
  assert.equal(asked.sort(), ['chat', 'completions'])
})

files.run()
