/** `sequoia serve`: the server, its models, and an end that lets answers finish. */
import { once } from 'node:events'
import type { Logger } from 'pino'
import { openEngine } from '../open/index.js'
import { sizeText } from '../open/budget/size-text.js'
import type { Engine, Generates, StreamedInfo } from '../api/types.js'
import { openBatches, type BatchService } from '../scale/batch-service.js'
import type { OnProgress } from '../common/progress.js'
import { progressLines } from '../common/progress-lines.js'
import type { Command } from './command.js'
import { draftText } from './draft-text.js'
import { openByFlags } from './engine-flags.js'
import { followModels, openRemoteModels } from './remote-models.js'
import { withPromptLog } from './prompt-log.js'
import { readServeConfig, serveFlags } from './serve-config.js'
import { engineSettings, type ServeConfig } from './serve-schema.js'
import { progressDisplay, type ProgressDisplay } from './progress-bars.js'
import { serverLog } from './server-log.js'
import { samplingText } from './sampling-flags.js'
import { nameOf, startServer, type ServedModel } from './server.js'

export const serve: Command = {
  name: 'serve',
  summary: 'serve models to OpenAI clients',
  usage: 'serve [flags]',
  flags: serveFlags,
  async run(argv) {
    const config = readServeConfig(argv, process.env)
    // Bars for people in a terminal, lines of the log for whoever collects it.
    const bars = process.stderr.isTTY ? progressDisplay() : null
    const log = serverLog(config.logLevel, process.stderr, bars?.above)
    // From the start: the first process of a container is deaf to a signal that it does not listen for.
    const signalled = Promise.race(['SIGTERM', 'SIGINT'].map(async (name) => String((await once(process, name))[0])))
    const server = await startServer({ ...config, log })
    const models: ServedModel[] = []
    let batches: BatchService | null = null
    let following: Awaited<ReturnType<typeof followModels>> = null
    try {
      const loaded = (async () => {
        for await (const model of opened(config, log, bars, server.tell)) models.push(model)
      })()
      const early = await Promise.race([loaded, signalled])
      if (early !== undefined) {
        console.log(`${early}: the model is not there yet; nothing to finish`)
        await server.drain()
        // Nothing else interrupts pulling or importing; the next start goes on from what is there.
        process.exit(0)
      }
      if (config.dataDir !== undefined)
        batches = await openBatches({ models, dataDir: config.dataDir, onError: (error) => log.error({ err: error }) })
      const show = (): void => server.serve([...models], batches)
      show()
      if (config.redis !== undefined)
        following = await followModels(config, config.redis, log, {
          models,
          wrap: loggedBy(config, log),
          onChange: show,
        })
    } catch (error) {
      await server.drain()
      await closeAll(models)
      throw error
    }
    for (const model of models) {
      const { format, formatReason, runtime, draft, draftReason, sampling, streamed } = model.engine.info
      console.log(`Serving ${nameOf(model)} (${format}, ${runtime}, ${draftText(draft)}) at ${server.url}/v1`)
      if (Object.keys(sampling).length > 0)
        console.log(
          `Where a request says nothing, tokens are drawn with ${samplingText(sampling)}, as the model states`,
        )
      console.log(`Format ${formatReason}`)
      console.log(`Draft ${draftReason}`)
      if (streamed) console.log(memoryLine(streamed))
    }
    if (config.playground) console.log(`Playground: ${server.url}/`)
    console.log(`Try it:\n  ${curlLine(server.url, nameOf(models[0]), Object.keys(config.apiKeys).length > 0)}`)
    console.log(`${await signalled}: answering what is under way, taking nothing new`)
    await following?.stop()
    await server.drain()
    await batches?.close()
    await closeAll(models)
    return 0
  },
}

/** The models of the settings, one after the other. */
async function* opened(
  config: ServeConfig,
  log: Logger,
  bars: ProgressDisplay | null,
  tell: OnProgress,
): AsyncGenerator<ServedModel> {
  const show = bars?.onProgress ?? progressLines((line) => log.info(line))
  const onProgress: OnProgress = (progress) => {
    tell(progress)
    show(progress)
  }
  const logged = loggedBy(config, log)
  if (config.redis !== undefined) {
    for (const engine of await openRemoteModels(config, config.redis, log)) yield { engine: logged(engine) }
    return
  }
  try {
    const shared = { ...engineSettings(config), onProgress }
    if (!config.models) {
      yield { engine: logged(await openByFlags({ model: config.model }, shared, { orToy: true })) }
      return
    }
    for (const { name, aliases, ...options } of config.models)
      yield { engine: logged(await openEngine({ ...shared, ...options })), name, aliases }
  } finally {
    bars?.end()
  }
}

/** An engine as the settings want it logged. */
const loggedBy =
  ({ logPrompts }: ServeConfig, log: Logger) =>
  (engine: Engine | Generates): Engine | Generates =>
    logPrompts ? withPromptLog(engine, log) : engine

async function closeAll(models: readonly ServedModel[]): Promise<void> {
  // What takes longer than draining was to take is stopped.
  await Promise.all(models.map(({ engine }) => engine.close({ drainMs: 0 })))
}

function memoryLine({
  budgetBytes,
  idleBytes,
  residentLayers,
  deviceLayers,
  layers,
  bytesPerPass,
  maxNodes,
  maxContext,
}: StreamedInfo): string {
  const there = deviceLayers > 0 ? `, ${deviceLayers} on the GPU` : ''
  return (
    `Memory: ${sizeText(budgetBytes)} beyond the ${sizeText(idleBytes)} of the idle process; ` +
    `${residentLayers} of ${layers} layers stay${there}, ${sizeText(bytesPerPass)} are read for every pass; ` +
    `trees of up to ${maxNodes} nodes, ${maxContext} tokens of context`
  )
}

function curlLine(url: string, model: string, needsKey: boolean): string {
  const body = { model, stream: true, temperature: 0, messages: [{ role: 'user', content: 'Why is the sky blue?' }] }
  const key = needsKey ? " -H 'authorization: Bearer YOUR_KEY'" : ''
  return `curl -N ${url}/v1/chat/completions${key} -H 'content-type: application/json' -d '${JSON.stringify(body)}'`
}
