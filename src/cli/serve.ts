/** `sequoia serve`: the router on a server of its own, until a signal asks it to finish. */
import { once } from 'node:events'
import type { Command } from './command.js'
import { engineFlags, openByFlags } from './engine-flags.js'
import { integer, parse, text } from './flags.js'
import { startServer } from './server.js'

const flags = {
  ...engineFlags,
  port: integer('P', 'port to listen on; 0 takes a free one (default 8080)', 0, 65535),
  host: text('H', 'address to listen on (default 127.0.0.1)'),
  'max-queue': integer('N', 'requests that may wait; more get status 429 (default 64)', 0),
}

export const serve: Command = {
  name: 'serve',
  summary: 'serve a model to OpenAI clients',
  usage: 'serve [flags]',
  flags,
  async run(argv) {
    const { values } = parse(flags, argv, null)
    const engine = await openByFlags(values, { maxQueue: values['max-queue'] })
    const server = await startServer({ engine, port: values.port ?? 8080, host: values.host ?? '127.0.0.1' }).catch(async (error: unknown) => {
      await engine.close()
      throw error
    })
    const { model, format, runtime, draft } = engine.info
    console.log(`Serving ${model} (${format}, ${runtime}, draft ${draft}) at ${server.url}/v1`)
    console.log(`Playground: ${server.url}/`)
    console.log(`Try it:\n  ${curlLine(server.url, model)}`)
    const [signal] = (await Promise.race(['SIGTERM', 'SIGINT'].map((name) => once(process, name)))) as [string]
    console.log(`${signal}: answering what is under way, taking nothing new`)
    await server.drain()
    await engine.close()
    return 0
  },
}

function curlLine(url: string, model: string): string {
  const body = { model, stream: true, temperature: 0, messages: [{ role: 'user', content: 'Why is the sky blue?' }] }
  return `curl -N ${url}/v1/chat/completions -H 'content-type: application/json' -d '${JSON.stringify(body)}'`
}
