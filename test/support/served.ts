/**
 * One model behind the two kinds of server that people run: the standalone one, and a mount in an Express app that has
 * routes of its own.
 */
import express from 'express'
import { sequoia } from '../../adapters/express/index.js'
import type { Engine } from '../../src/api/types.js'
import { servedUrl, start } from './cli.js'
import { listen } from './http-app.js'

export interface Served {
  name: string
  /** Where the routes lie, `/v1` included. */
  url: string
  close(): Promise<void>
}

/** `sequoia serve` in a process of its own; the micro pair, with tools by the generic prompt. */
export async function standalone(): Promise<Served> {
  const child = start(['serve', '--model', 'micro', '--tool-prompt', 'generic', '--port', '0'])
  return { name: 'standalone', url: `${await servedUrl(child)}/v1`, close: async () => void child.kill('SIGKILL') }
}

/** An app with a parser, a list of models and a chat route of its own behind the mount. */
export async function expressApp(engine: Engine): Promise<Served> {
  const app = express()
  app.get('/hello', (_req, res) => void res.send('hello'))
  app.use(express.json())
  app.use('/v1', sequoia({ engine, models: 'merge' }))
  app.get('/v1/models', (_req, res) => void res.json({ object: 'list', data: [{ id: 'elsewhere', object: 'model' }] }))
  app.post(
    '/v1/chat/completions',
    (req, res) =>
      void res
        .status(404)
        .json({ error: { message: 'no such model', type: 'host', param: 'model', code: req.body.model } }),
  )
  const { url, close } = await listen(app)
  return { name: 'Express app', url: `${url}/v1`, close }
}
