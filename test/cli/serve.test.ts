// @process own
/**
 * `sequoia serve` as people run it: a process of its own, the micro pair decoding, the official client talking to it.
 */
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ChildProcess } from 'node:child_process'
import OpenAI from 'openai'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { cli, finished, servedUrl, start } from '../support/cli.js'
import { listen } from '../support/http-app.js'
import { tempFolder } from '../support/temp-folder.js'

const messages = [{ role: 'user' as const, content: 'Write a function that adds two numbers.' }]
const chat = { model: 'micro', messages, max_tokens: 30, temperature: 0 }

const serve = suite('sequoia serve')
let child: ChildProcess
let url: string
let openai: OpenAI

serve.before(async () => {
  child = start(['serve', '--model', 'micro', '--port', '0'])
  url = await servedUrl(child)
  openai = new OpenAI({ baseURL: `${url}/v1`, apiKey: 'none', maxRetries: 0 })
})
serve.after(() => void child.kill('SIGKILL'))

async function usage(): Promise<{ slotsUsed: number; running: number }> {
  return (await fetch(`${url}/healthz`)).json()
}

serve('answers and streams the same text to the official client', async () => {
  const whole = (await openai.chat.completions.create(chat)).choices[0].message.content
  let streamed = ''
  for await (const chunk of await openai.chat.completions.create({ ...chat, stream: true }))
    streamed += chunk.choices[0]?.delta.content ?? ''
  assert.ok(whole)
  assert.is(streamed, whole)
})

serve('a client that leaves in mid-stream costs nothing more', async () => {
  const stream = await openai.chat.completions.create({ ...chat, max_tokens: 500, temperature: 1, stream: true })
  for await (const chunk of stream) if (chunk.choices[0]?.delta.content) break
  while ((await usage()).running > 0) continue
  assert.is((await usage()).slotsUsed, 0)
})

serve('counts what it does for Prometheus', async () => {
  const count = async (): Promise<number> => {
    const page = await fetch(`${url}/metrics`)
    assert.equal([page.status, page.headers.get('content-type')?.split(';')[0]], [200, 'text/plain'])
    return Number(/^sequoia_generation_tokens_total\{model="micro"\} (\d+)$/m.exec(await page.text())?.[1])
  }
  const before = await count()
  const { usage } = await openai.chat.completions.create(chat)
  assert.is((await count()) - before, usage?.completion_tokens)
})

serve('refuses a model it does not have with 404', async () => {
  try {
    await openai.chat.completions.create({ ...chat, model: 'gpt-9' })
    assert.unreachable()
  } catch (error) {
    assert.instance(error, OpenAI.NotFoundError)
    assert.is((error as InstanceType<typeof OpenAI.NotFoundError>).code, 'model_not_found')
  }
})

serve('on SIGTERM finishes the stream it is in and ends with code 0', async () => {
  const stream = await openai.chat.completions.create({
    ...chat,
    max_tokens: 60,
    temperature: 1,
    seed: 1,
    stream: true,
  })
  const exit = once(child, 'exit')
  let finish: string | null = null
  let signalled = false
  for await (const { choices } of stream) {
    if (!signalled) child.kill('SIGTERM')
    signalled = true
    finish = choices[0]?.finish_reason ?? finish
  }
  assert.ok(finish === 'length' || finish === 'stop', String(finish))
  assert.equal(await exit, [0, null])
})

serve('on SIGTERM ends at once while its model is being pulled', async () => {
  let asked = (): void => {}
  const pulling = new Promise<void>((resolve) => (asked = resolve))
  const hub = await listen(() => asked())
  const loading = start(['serve', '--model', 'smollm2-135m-hf', '--port', '0'], {
    XDG_CACHE_HOME: tempFolder(),
    HF_ENDPOINT: hub.url,
  })
  const end = finished(loading)
  await pulling
  loading.kill('SIGTERM')
  const { code, out } = await end
  assert.is(code, 0)
  assert.match(out, /^SIGTERM: /)
  await hub.close()
})

serve('without any source of the default model says why and serves the micro pair', async () => {
  const offline = { XDG_CACHE_HOME: tempFolder(), PATH: '', HF_ENDPOINT: 'http://127.0.0.1:1' }
  const fallback = start(['serve', '--port', '0'], offline)
  const end = finished(fallback)
  const client = new OpenAI({ baseURL: `${await servedUrl(fallback)}/v1`, apiKey: 'none', maxRetries: 0 })
  assert.ok((await client.chat.completions.create(chat)).choices[0].message.content)
  fallback.kill('SIGTERM')
  const { code, out, err } = await end
  assert.is(code, 0)
  assert.match(err, /The pull failed: smollm2-135m could not be pulled; tried .*pip/)
  assert.match(err, /could not be pulled; tried .*the Hugging Face hub/)
  assert.match(err, /No network could be reached. Running the built-in micro pair instead/)
  assert.match(out, /Serving micro .*\n[\s\S]*curl -N .*"model":"micro"/)
})

serve(
  'the toy stands in for nothing else: not for generate, not where a source answered, not on a full disk',
  async () => {
    const offline = { XDG_CACHE_HOME: tempFolder(), PATH: '', HF_ENDPOINT: 'http://127.0.0.1:1' }
    const hub = await listen((_request, response) => response.writeHead(404).end())
    const file = join(offline.XDG_CACHE_HOME, 'file')
    writeFileSync(file, '')
    const ended = [
      await cli(['generate', 'hi'], offline),
      await cli(['serve', '--port', '0'], { ...offline, HF_ENDPOINT: hub.url }),
      await cli(['serve', '--port', '0'], { ...offline, XDG_CACHE_HOME: file }),
    ]
    await hub.close()
    assert.equal(
      ended.map(({ code }) => code),
      [1, 1, 2],
    )
    for (const { err } of ended) assert.not.match(err, /toy|\.ts:\d+/)
  },
)

serve.run()
