// @process own, all cores
/** examples/hosts/browser, in headless Chromium, served from loopback. */
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join, normalize } from 'node:path'
import { fileURLToPath } from 'node:url'
import { chromium as playwright } from 'playwright-core'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { chromium } from '../../scripts/host-runtimes.js'
import { allEqual, hostTest, wasmFile, withOneBitWrong } from '../support/hosts.js'

const HOSTS = fileURLToPath(new URL('../../examples/hosts/', import.meta.url))
const TYPES: Record<string, string> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.json': 'application/json',
  '.wasm': 'application/wasm',
}
const QUIET = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** Opens the page with these golden vectors (the committed ones by default) and returns what it says in the end. */
async function open(golden?: string): Promise<{ state: string | null; text: string }> {
  const server = createServer((request, response) => {
    const path = normalize(new URL(request.url ?? '/', 'http://loopback').pathname)
    const file =
      path === normalize('/core.wasm')
        ? wasmFile
        : join(HOSTS, path.endsWith('browser/') ? join(path, 'index.html') : path)
    const content =
      golden !== undefined && path === normalize('/golden.json') ? Promise.resolve(golden) : readFile(file)
    content.then(
      (body) => response.writeHead(200, { 'content-type': TYPES[extname(file)] ?? 'text/plain' }).end(body),
      () => response.writeHead(404).end(),
    )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const browser = await playwright.launch({ executablePath: chromium(), args: QUIET })
  try {
    const page = await browser.newPage()
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/browser/?wasm=/core.wasm`)
    const output = page.locator('output[data-state]')
    await output.waitFor()
    return { state: await output.getAttribute('data-state'), text: await output.innerText() }
  } finally {
    await browser.close()
    server.close()
  }
}

hostTest('browser', 'the page gets every golden round to the last bit', async () => {
  assert.equal(await open(), { state: 'equal', text: allEqual() })
})

hostTest('browser', 'the page notices one wrong bit and says where it is', async () => {
  const { state, text } = await open(withOneBitWrong())
  assert.is(state, 'failed')
  assert.match(text, /^sequoia, hot draft.*, round 3: q is /)
})

test.run()
