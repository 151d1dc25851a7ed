/**
 * A batch of 2,000 lines, one in twenty of them a request that the endpoint refuses, through `sequoia serve` which is
 * killed (`SIGKILL`) in the middle and started again: each line has one answer, and the counts are right.
 */
import { createReadStream } from 'node:fs'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { once } from 'node:events'
import { join } from 'node:path'
import OpenAI from 'openai'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { servedUrl, start } from '../support/cli.js'
import { tempFolder } from '../support/temp-folder.js'

const LINES = 2_000
const isFaulty = (i: number): boolean => i % 20 === 7

const batches = suite('a large batch')

async function serve(dataDir: string): Promise<{ client: OpenAI; kill(): Promise<void> }> {
  const child = start(['serve', '--model', 'micro', '--port', '0', '--data-dir', dataDir])
  const client = new OpenAI({ baseURL: `${await servedUrl(child)}/v1`, apiKey: 'none' })
  const kill = async (): Promise<void> => {
    const exited = once(child, 'exit')
    child.kill('SIGKILL')
    await exited
  }
  return { client, kill }
}

/** Lines that the journals of all batches hold. */
async function answered(dataDir: string): Promise<number> {
  const folder = join(dataDir, 'batches')
  const names = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.jsonl'))
  const texts = await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')))
  return texts.join('').split('\n').length - 1
}

batches(`${LINES} lines, 5 % of them faulty, a kill in the middle: each line once, counts right`, async () => {
  const dataDir = tempFolder()
  const path = join(tempFolder(), 'in.jsonl')
  const lines = Array.from({ length: LINES }, (_, i) => {
    const messages = [{ role: 'user', content: `Say ${i % 50}` }]
    const body = { model: 'micro', messages, max_tokens: 4, temperature: isFaulty(i) ? 9 : 0 }
    return `${JSON.stringify({ custom_id: `line-${i}`, method: 'POST', url: '/v1/chat/completions', body })}\n`
  })
  await writeFile(path, lines.join(''))
  const first = await serve(dataDir)
  const file = await first.client.files.create({ file: createReadStream(path), purpose: 'batch' })
  const endpoint = '/v1/chat/completions'
  const { id } = await first.client.batches.create({ input_file_id: file.id, endpoint, completion_window: '24h' })
  while ((await answered(dataDir)) < LINES / 2) await new Promise((resolve) => setTimeout(resolve, 50))
  await first.kill()
  const before = await answered(dataDir)
  const { client, kill } = await serve(dataDir)
  let batch = await client.batches.retrieve(id)
  while (!['completed', 'failed'].includes(batch.status)) {
    await new Promise((resolve) => setTimeout(resolve, 200))
    batch = await client.batches.retrieve(id)
  }
  console.log(`killed after ${before} of ${LINES} lines; ${JSON.stringify(batch.request_counts)}`)
  const read = async (
    of: string | null | undefined,
  ): Promise<{ custom_id: string; response: { status_code: number } }[]> =>
    (await (await client.files.content(of!)).text())
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
  const [output, errors] = [await read(batch.output_file_id), await read(batch.error_file_id)]
  await kill()
  assert.ok(before < LINES)
  assert.is(batch.status, 'completed')
  const faulty = lines.filter((_, i) => isFaulty(i)).length
  assert.equal(batch.request_counts, { total: LINES, completed: LINES - faulty, failed: faulty })
  const number = ({ custom_id: custom }: { custom_id: string }): number => Number(custom.slice('line-'.length))
  const of = (from: { custom_id: string }[]): number[] => from.map(number).sort((a, b) => a - b)
  const numbers = Array.from({ length: LINES }, (_, i) => i)
  assert.equal([of(output), of(errors)], [numbers.filter((i) => !isFaulty(i)), numbers.filter(isFaulty)])
  assert.ok(errors.every(({ response }) => response.status_code === 400))
})

batches.run()
