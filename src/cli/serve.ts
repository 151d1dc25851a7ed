/** `sequoia serve`: the server, its models, and an end that lets answers finish. */
import { once } from 'node:events'
import { destination, pino, type Logger } from 'pino'
import { openEngine } from '../engine/index.js'
import type { Engine } from '../engine/types.js'
import type { Command } from './command.js'
import { openByFlags } from './engine-flags.js'
import { withPromptLog } from './prompt-log.js'
import { readServeConfig, serveFlags, type ModelEntry, type ServeConfig } from './serve-config.js'
import { startServer, type ServedModel } from './server.js'

export const serve: Command = {
  name: 'serve',
  summary: 'serve models to OpenAI clients',
  usage: 'serve [flags]',
  flags: serveFlags,
  async run(argv) {
    const config = readServeConfig(argv, process.env)
    const log = pino({ level: config.logLevel }, destination({ dest: 2, sync: true }))
    // From the start: the first process of a container is deaf to a signal that it does not listen for.
    const signalled = Promise.race(['SIGTERM', 'SIGINT'].map(async (name) => String((await once(process, name))[0])))
    const server = await startServer({ ...config, log })
    const models: ServedModel[] = []
    try {
      const loaded = (async () => { for await (const model of opened(config, log)) models.push(model) })()
      const early = await Promise.race([loaded, signalled])
      if (early !== undefined) {
        console.log(`${early}: the model is not there yet; nothing to finish`)
        await server.drain()
        // Nothing else interrupts pulling or importing; the next start goes on from what is there.
        process.exit(0)
      }
      server.serve(models)
    } catch (error) {
      await server.drain()
      await closeAll(models)
      throw error
    }
    for (const { engine, name = engine.info.model } of models) {
      const { format, runtime, draft } = engine.info
      console.log(`Serving ${name} (${format}, ${runtime}, draft ${draft}) at ${server.url}/v1`)
    }
    if (config.playground) console.log(`Playground: ${server.url}/`)
    console.log(`Try it:\n  ${curlLine(server.url, models[0].name ?? models[0].engine.info.model, Object.keys(config.apiKeys).length > 0)}`)
    console.log(`${await signalled}: answering what is under way, taking nothing new`)
    await server.drain()
    await closeAll(models)
    return 0
  },
}

/** The models of the settings, one after the other. */
async function* opened({ models, ...config }: ServeConfig, log: Logger): AsyncGenerator<ServedModel> {
  // A line for people in a terminal, one of the log for whoever collects it.
  const onProgress = process.stderr.isTTY ? (line: string) => console.error(line) : (line: string) => log.info(line)
  const logged = (engine: Engine): Engine => (config.logPrompts ? withPromptLog(engine, log) : engine)
  if (!models) {
    yield { engine: logged(await openByFlags({ model: config.model }, { ...shared(config), onProgress })) }
    return
  }
  for (const { name, aliases, ...options } of models) yield { engine: logged(await openEngine({ ...shared(config), ...options, onProgress })), name, aliases }
}

/** What models of the list have from the settings around it, unless they say otherwise. */
function shared({ draft, format, toolPrompt, runtime, threads, maxContext, maxQueue, maxBatch, kvBytes, prefixCacheBytes, timeoutMs }: Omit<ServeConfig, 'models'>): Omit<ModelEntry, 'target'> {
  return { draft, format, toolPrompt, runtime, threads, maxContext, maxQueue, maxBatch, kvBytes, prefixCacheBytes, timeoutMs }
}

async function closeAll(models: readonly ServedModel[]): Promise<void> {
  // What takes longer than draining was to take is stopped.
  await Promise.all(models.map(({ engine }) => engine.close({ drainMs: 0 })))
}

function curlLine(url: string, model: string, needsKey: boolean): string {
  const body = { model, stream: true, temperature: 0, messages: [{ role: 'user', content: 'Why is the sky blue?' }] }
  const key = needsKey ? " -H 'authorization: Bearer YOUR_KEY'" : ''
  return `curl -N ${url}/v1/chat/completions${key} -H 'content-type: application/json' -d '${JSON.stringify(body)}'`
}
