/** The models behind a queue: those that the settings name, or all that workers serve, as they come and go. */
import type { Logger } from 'pino'
import type { Generates } from '../api/types.js'
import { nameOf, type ServedModel } from './server.js'
import type { ServeConfig } from './serve-schema.js'
import { queueModule } from './worker.js'

/** The models that are there at the start. Throws `RuntimeError` where no worker serves one, or any. */
export async function openRemoteModels(config: ServeConfig, redis: string, log: Logger): Promise<Generates[]> {
  const { servedModels } = await queueModule()
  const names = namesOf(config) ?? (await servedModels({ redis }))
  return Promise.all(names.map((name) => openRemote(config, redis, name, log)))
}

/**
 * Keeps `models` to what workers serve, and says when it has changed; null where the settings name the models. The last
 * one stays, so that its clients hear what is the matter.
 */
export async function followModels(
  config: ServeConfig,
  redis: string,
  log: Logger,
  { models, wrap, onChange }: { models: ServedModel[]; wrap(engine: Generates): Generates; onChange(): void },
): Promise<{ stop(): Promise<void> } | null> {
  if (namesOf(config)) return null
  const { watchModels } = await queueModule()
  return watchModels({
    redis,
    known: models.map(nameOf),
    onCome: async (name) => {
      models.push({ engine: wrap(await openRemote(config, redis, name, log)) })
      onChange()
      log.info({ model: name }, 'a worker serves another model')
    },
    onGone: async (name) => {
      const at = models.findIndex((model) => nameOf(model) === name)
      const { engine } = models[at]
      const { running, waiting } = engine.usage()
      if (models.length === 1 || running + waiting > 0) return false
      models.splice(at, 1)
      onChange()
      log.info({ model: name }, 'no worker serves the model any more')
      await engine.close()
      return true
    },
    onError: (error) => log.error({ err: error }, 'the queue failed'),
  })
}

/** Null: whatever workers serve. */
const namesOf = ({ models, model }: ServeConfig): string[] | null =>
  models?.map(({ target }) => target) ?? (model === undefined ? null : [model])

async function openRemote(
  { maxQueue, maxWaitMs }: ServeConfig,
  redis: string,
  model: string,
  log: Logger,
): Promise<Generates> {
  const { remoteEngine } = await queueModule()
  const onError = (error: unknown): void => log.error({ err: error }, 'the queue failed')
  return remoteEngine({ redis, model, maxQueue, maxWaitMs, onError })
}
