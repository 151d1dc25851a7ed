import express from 'express'
import { readdirSync, statSync } from 'node:fs'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { playground } from '../../src/cli/playground.js'
import { exchange } from '../support/in-process-http.js'

const TYPES = { css: 'text/css', js: 'text/javascript', wasm: 'application/wasm' }
const app = express().use(playground())

test('pages, their files and the libraries they import are served, all under its policy', async () => {
  const files = readdirSync('playground').filter((file) => file !== 'index.html')
  const scripts = ['vendor/marked.js', 'vendor/purify.js', 'vendor/core.wasm', ...files].map(
    (file) => `/playground/${file}`,
  )
  for (const path of ['/', ...scripts]) {
    const { status, headers } = await exchange(app, { path })
    assert.is(status, 200, path)
    assert.match(String(headers['content-security-policy']), "default-src 'none'; script-src 'self'", path)
    const type = TYPES[path.split('.').at(-1) as keyof typeof TYPES] ?? 'text/html'
    assert.match(String(headers['content-type']), type, path)
  }
})

test('the page that plans may compile WebAssembly, and no other', async () => {
  const policyOf = async (path: string): Promise<string> =>
    String((await exchange(app, { path })).headers['content-security-policy'])
  assert.match(await policyOf('/playground/planner.html'), "script-src 'self' 'wasm-unsafe-eval';")
  assert.match(await policyOf('/'), "script-src 'self';")
})

test('the pages are small: their own files take less than 60 KB', () => {
  const bytes = readdirSync('playground').reduce((sum, file) => sum + statSync(`playground/${file}`).size, 0)
  assert.ok(bytes < 60_000, `${bytes} bytes`)
})

test('nothing else of the package is', async () => {
  for (const path of ['/playground/', '/playground/../package.json', '/playground/vendor/other.js'])
    assert.is((await exchange(app, { path })).status, 404, path)
})

test.run()
