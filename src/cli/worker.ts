/** `sequoia worker`: an engine that answers requests from a queue, until it is told to stop. */
import { once } from 'node:events'
import { ifInstalled } from '../common/optional.js'
import { InvalidArgumentError } from '../spec/errors.js'
import { logAnswers } from './answer-log.js'
import type { Command } from './command.js'
import { engineFlags, openByFlags } from './engine-flags.js'
import { integer, oneOf, parse, redisUrl, text } from './flags.js'
import { LOG_LEVELS, serverLog } from './server-log.js'

const flags = {
  redis: redisUrl('the Redis (or Valkey) store that the queue is in'),
  name: text('NAME', "name that requests ask for (default: the model's own)"),
  ...engineFlags,
  'max-batch': integer('N', 'requests answered together (default 8)', 1, 64),
  'drain-seconds': integer(
    'N',
    'how long requests may go on after SIGTERM; others then go on with them (default 30)',
    0,
  ),
  'log-level': oneOf(
    LOG_LEVELS,
    'what is logged on standard error: a JSON line for each answer, on a terminal lines for people (default info)',
  ),
}

export const workerCommand: Command = {
  name: 'worker',
  summary: 'answer requests from a queue that servers share',
  usage: 'worker --redis URL [flags]',
  flags,
  async run(argv) {
    const { values } = parse(flags, argv, null)
    if (values.redis === undefined)
      throw new InvalidArgumentError('--redis', '--redis is missing; give the store as --redis redis://HOST:6379')
    const signalled = Promise.race(['SIGTERM', 'SIGINT'].map(async (name) => String((await once(process, name))[0])))
    const { worker } = await queueModule()
    const engine = await openByFlags(values, { maxBatch: values['max-batch'] })
    logAnswers(engine, serverLog(values['log-level'] ?? 'info'))
    try {
      const hand = await worker({ redis: values.redis, engine, model: values.name })
      console.log(`Worker ${hand.id} answers requests for ${values.name ?? engine.info.model}`)
      console.log(`${await signalled}: finishing what is under way, taking nothing new`)
      await hand.close({ drainMs: 1000 * (values['drain-seconds'] ?? 30) })
      return 0
    } finally {
      await engine.close({ drainMs: 0 })
    }
  },
}

/** The queue's packages are installed by those who use one. Throws `InvalidArgumentError` where they are missing. */
export async function queueModule(): Promise<typeof import('../scale/queue/index.js')> {
  const found = await ifInstalled(['bullmq', 'ioredis'], () => import('../scale/queue/index.js'))
  if (found) return found
  throw new InvalidArgumentError('--redis', '--redis needs the packages bullmq and ioredis: npm install bullmq ioredis')
}
