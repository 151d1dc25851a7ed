// @process own, sources
/** The adapter of docs/extend.md, as it stands there, in a host of Koa's shape. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { AdapterOptions } from '../../adapters/options.js'
import { readDoc } from '../support/doc-examples.js'
import { listen, post } from '../support/http-app.js'
import { scriptedEngine } from '../support/scripted-engine.js'

interface Context {
  req: IncomingMessage
  res: ServerResponse
  respond?: boolean
}
type Middleware = (context: Context, next: () => Promise<void>) => Promise<void>

const adapters = fileURLToPath(new URL('../../adapters', import.meta.url))
const code = /<!-- example: adapter -->\n```ts\n([\s\S]*?)```/.exec(readDoc('docs/extend.md'))![1]

async function loaded(): Promise<(options: AdapterOptions) => Middleware> {
  const folder = join(adapters, '..', '.cache', `extend-${process.pid}`)
  mkdirSync(folder, { recursive: true })
  try {
    const file = join(folder, 'koa.ts')
    writeFileSync(
      file,
      code.replaceAll(/'\.\.\/(.+?)'/g, (_, path: string) => `'${pathToFileURL(join(adapters, path))}'`),
    )
    return ((await import(pathToFileURL(file).href)) as { sequoia: (options: AdapterOptions) => Middleware }).sequoia
  } finally {
    rmSync(folder, { recursive: true })
  }
}

test('the adapter that the guide adds has thirty lines at most', () => {
  assert.ok(code.trimEnd().split('\n').length <= 30)
})

test('it answers what is ours, hands on what is not, and leaves errors to its host if asked', async () => {
  const sequoia = await loaded()
  const use = sequoia({ engine: scriptedEngine(), errors: 'host' })
  const host = createServer((req, res) => {
    const context: Context = { req, res }
    use(context, async () => {}).then(
      () => context.respond && res.writeHead(404).end('not ours'),
      (error: Error) => res.writeHead(418).end(error.message),
    )
  })
  const listening = await listen(host.listeners('request')[0] as Parameters<typeof listen>[0])
  try {
    const chat = { model: 'scripted', messages: [{ role: 'user', content: 'hi' }] }
    const url = `${listening.url}/v1/chat/completions`
    assert.is((await (await post(url, chat)).json()).choices[0].message.content, 'Hello, world')
    assert.is(await (await post(url, { ...chat, model: 'other' })).text(), 'not ours')
    assert.is((await post(url, { ...chat, top_p: 7 })).status, 418)
    assert.is(await (await fetch(listening.url)).text(), 'not ours')
  } finally {
    await listening.close()
  }
})

test.run()
