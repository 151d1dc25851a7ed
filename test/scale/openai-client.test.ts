// @process own
import { createReadStream } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import type { Server } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import express from 'express'
import OpenAI from 'openai'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { batchRoutes, sequoia } from '../../adapters/express/index.js'
import { openBatches, type BatchService } from '../../src/index.js'
import { closeEngines, engineFor } from '../support/engines.js'
import { tempFolder } from '../support/temp-folder.js'

const clients = suite("files and batches with OpenAI's client")

let server: Server
let batches: BatchService
let client: OpenAI
clients.before(async () => {
  const engine = await engineFor({ target: 'micro' })
  batches = await openBatches({ models: [{ engine }], dataDir: tempFolder() })
  const app = express()
  app.use('/v1', batchRoutes({ batches, owner: (req) => String(req.headers['x-team'] ?? '') }), sequoia({ engine }))
  app.get('/v1/files/of/the/host', (_req, res) => void res.send('the host'))
  server = app.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const baseURL = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`
  client = new OpenAI({ baseURL, apiKey: 'none', defaultHeaders: { 'x-team': 'red' } })
})
clients.after(async () => {
  await batches.close()
  server.close()
  await closeEngines()
})

/** Requests of both endpoints' kinds; every seventh is one that the endpoint refuses. */
function lines(count: number, url: string, bodyOf: (i: number) => object): string {
  return Array.from({ length: count }, (_, i) => {
    const body = { model: 'micro', ...bodyOf(i), ...(i % 7 === 3 ? { temperature: 9 } : {}) }
    return `${JSON.stringify({ custom_id: `r${i}`, method: 'POST', url, body })}\n`
  }).join('')
}

async function run(text: string, endpoint: '/v1/chat/completions' | '/v1/completions' | '/v1/responses') {
  const path = join(tempFolder(), 'in.jsonl')
  await writeFile(path, text)
  const file = await client.files.create({ file: createReadStream(path), purpose: 'batch' })
  const made = await client.batches.create({ input_file_id: file.id, endpoint, completion_window: '24h' })
  let batch = made
  while (!['completed', 'failed'].includes(batch.status)) {
    await new Promise(setImmediate)
    batch = await client.batches.retrieve(made.id)
  }
  const read = async (id: string | null | undefined): Promise<Record<string, never>[]> => {
    if (!id) return []
    const content = await (await client.files.content(id)).text()
    return content
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Record<string, never>)
  }
  return { batch, output: await read(batch.output_file_id), errors: await read(batch.error_file_id) }
}

clients('a batch of chat requests is answered line for line, refusals in the error file', async () => {
  const text = lines(15, '/v1/chat/completions', (i) => ({
    messages: [{ role: 'user', content: `Line ${i % 4}` }],
    max_tokens: 6,
    temperature: 0,
  }))
  const { batch, output, errors } = await run(text, '/v1/chat/completions')
  assert.is(batch.status, 'completed')
  assert.equal(batch.request_counts, { total: 15, completed: 13, failed: 2 })
  assert.equal(errors.map(({ custom_id: id }) => id).sort(), ['r10', 'r3'])
  const [first] = output as unknown as { response: { status_code: number; body: OpenAI.ChatCompletion } }[]
  assert.is(first.response.status_code, 200)
  assert.is(first.response.body.object, 'chat.completion')
  const direct = await client.chat.completions.create({
    model: 'micro',
    messages: [{ role: 'user', content: 'Line 2' }],
    max_tokens: 6,
    temperature: 0,
  })
  const same = (output as unknown as { custom_id: string; response: { body: OpenAI.ChatCompletion } }[]).find(
    ({ custom_id: id }) => id === 'r2',
  )!
  assert.is(same.response.body.choices[0].message.content, direct.choices[0].message.content)
  assert.ok((batch.usage?.output_tokens ?? 0) > 0)
})

clients('batches of completions and of responses likewise', async () => {
  const completions = lines(4, '/v1/completions', () => ({ prompt: 'This package is', max_tokens: 4, temperature: 0 }))
  assert.equal((await run(completions, '/v1/completions')).batch.request_counts, { total: 4, completed: 3, failed: 1 })
  const responses = lines(3, '/v1/responses', () => ({ input: 'Hi', max_output_tokens: 4, temperature: 0 }))
  assert.equal((await run(responses, '/v1/responses')).batch.request_counts, { total: 3, completed: 3, failed: 0 })
})

clients('another team sees none of it, and lists are walked page by page', async () => {
  const other = client.withOptions({ defaultHeaders: { 'x-team': 'blue' } })
  assert.equal((await other.files.list()).data, [])
  assert.equal((await other.batches.list()).data, [])
  const ids: string[] = []
  for await (const file of client.files.list({ limit: 2 })) ids.push(file.id)
  assert.is(new Set(ids).size, ids.length)
  assert.ok(ids.length >= 6)
  const error = await other.batches.retrieve('batch_0').catch((thrown: InstanceType<typeof OpenAI.APIError>) => thrown)
  assert.is((error as { status: number }).status, 404)
})

clients('routes without a service are refused where they are set up', () => {
  assert.throws(() => batchRoutes({ batches: {} as BatchService }), /batches must be what openBatches\(\) resolves to/)
})

clients("paths that are none of ours go on to the host's routes", async () => {
  const { baseURL } = client
  assert.is(await (await fetch(`${baseURL}/files/of/the/host`)).text(), 'the host')
})

clients.run()
