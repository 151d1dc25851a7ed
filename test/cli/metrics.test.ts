// @process native
/** `GET /metrics` of the standalone server, the micro pair behind it. */
import { createHash } from 'node:crypto'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { startServer } from '../../src/cli/server.js'
import type { Engine } from '../../src/api/types.js'
import { closeEngines, engineFor } from '../support/engines.js'
import { post } from '../support/http-app.js'

const metrics = suite('metrics of the standalone server')
let engine: Engine
metrics.before(async () => void (engine = await engineFor({ target: 'micro' })))
metrics.after(closeEngines)

metrics(
  'the page is refused while the model loads, then counts what was answered under the name it is served by',
  async () => {
    const server = await startServer({ host: '127.0.0.1', port: 0 })
    assert.is((await fetch(`${server.url}/metrics`)).status, 503)
    server.serve([{ engine, name: 'small' }])
    const generated = async (): Promise<number> =>
      Number(
        /^sequoia_generation_tokens_total{model="small"} (\d+)$/m.exec(
          await (await fetch(`${server.url}/metrics`)).text(),
        )![1],
      )
    const before = await generated()
    const { usage } = await (
      await post(`${server.url}/v1/completions`, { model: 'small', prompt: 'This package is', max_tokens: 12 })
    ).json()
    assert.is(await generated(), before + usage.completion_tokens)
    await server.drain()
  },
)

metrics('where keys are set, the page wants one too', async () => {
  const server = await startServer({
    host: '127.0.0.1',
    port: 0,
    apiKeys: { prometheus: `sha256:${createHash('sha256').update('s3cret').digest('hex')}` },
  })
  server.serve([{ engine }])
  assert.is((await fetch(`${server.url}/metrics`)).status, 401)
  assert.is((await fetch(`${server.url}/metrics`, { headers: { authorization: 'Bearer s3cret' } })).status, 200)
  await server.drain()
})

metrics.run()
