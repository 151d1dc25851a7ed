import express from 'express'
import { readdirSync } from 'node:fs'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { playground } from '../../src/cli/playground.js'
import { exchange } from '../support/in-process-http.js'

const app = express().use(playground())

test('the page, its files and the libraries they import are served, all under its policy', async () => {
  const files = readdirSync('playground').filter((file) => file !== 'index.html')
  const scripts = ['vendor/marked.js', 'vendor/purify.js', ...files].map((file) => `/playground/${file}`)
  for (const path of ['/', ...scripts]) {
    const { status, headers } = await exchange(app, { path })
    assert.is(status, 200, path)
    assert.match(String(headers['content-security-policy']), "default-src 'none'; script-src 'self'", path)
    const type = path === '/' ? 'text/html' : path.endsWith('.css') ? 'text/css' : 'text/javascript'
    assert.match(String(headers['content-type']), type, path)
  }
})

test('nothing else of the package is', async () => {
  for (const path of ['/playground/', '/playground/../package.json', '/playground/vendor/other.js'])
    assert.is((await exchange(app, { path })).status, 404, path)
})

test.run()
