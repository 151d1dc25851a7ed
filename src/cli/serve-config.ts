/**
 * The settings of `sequoia serve`, each written down once: its schema, and its words. The same table reads the config
 * file (`maxQueue`), the environment (`SEQUOIA_MAX_QUEUE`) and the flags (`--max-queue`); a flag goes before the
 * environment, and that before the file.
 */
import * as z from 'zod'
import { InvalidArgumentError } from '../spec/errors.js'
import { readTextSync } from '../common/read-text.js'
import { firstFault } from '../serve/validate.js'
import { engineFlags } from './engine-flags.js'
import { parse, type Flag, type Flags } from './flags.js'
import { LOG_LEVELS } from './server-log.js'
import { serveSchema, shape, type ServeConfig } from './serve-schema.js'

interface Words {
  takes: string
  help: string
  /**
   * The value that a flag's or variable's text stands for; a text that stands for none is returned as it is, for the
   * schema to refuse.
   */
  read?(text: string): unknown
}

const number = (given: string): unknown => (/^-?\d+$/.test(given) ? Number(given) : given)
const yesNo = (given: string): unknown => (given === 'true' ? true : given === 'false' ? false : given)
const json = (given: string): unknown => {
  try {
    return JSON.parse(given)
  } catch {
    return given
  }
}
const list = (given: string): unknown => given.split(',').map((one) => one.trim())
const pairs = (given: string): unknown =>
  Object.fromEntries(
    given.split(',').map((pair) => [pair.split('=')[0].trim(), pair.slice(pair.indexOf('=') + 1).trim()]),
  )

/** Worded as the other commands word it. */
const as = ({ takes, help }: Flag<unknown>, read?: Words['read']): Words => ({ takes: takes ?? '', help, read })

const words: Readonly<Record<keyof typeof shape, Words>> = {
  model: as(engineFlags.model),
  draft: as(engineFlags.draft),
  format: as(engineFlags.format),
  kv: as(engineFlags.kv),
  device: as(engineFlags.device),
  deviceMemory: as(engineFlags['device-memory']),
  cudaGraphs: as(engineFlags['cuda-graphs'], yesNo),
  toolPrompt: as(engineFlags['tool-prompt']),
  chatTemplateKwargs: as(engineFlags['chat-template-kwargs'], json),
  samplingDefaults: as(engineFlags['sampling-defaults']),
  runtime: as(engineFlags.runtime),
  threads: as(engineFlags.threads, number),
  memory: as(engineFlags.memory),
  maxContext: as(engineFlags['max-context'], number),
  maxBatch: { takes: 'N', help: 'requests that decode together; others wait (default 8)', read: number },
  maxQueue: { takes: 'N', help: 'requests that may wait; more get status 429 (default 64)', read: number },
  kvBytes: {
    takes: 'N',
    help: 'ceiling on the K/V caches of one model; every request of max-batch must fit (default: none)',
    read: number,
  },
  prefixCacheBytes: {
    takes: 'N',
    help: 'K/V rows kept of texts that ended, for prompts that begin alike; 0 is none (default 134217728)',
    read: number,
  },
  pastOutputs: {
    takes: 'N',
    help: 'tokens of earlier answers kept, of everybody, to guess from (default: none)',
    read: (given) => ({ maxTokens: number(given) }),
  },
  timeoutMs: {
    takes: 'MS',
    help: 'most that a request may take, waiting included; later ones get status 504 (default: no limit)',
    read: number,
  },
  port: { takes: 'P', help: 'port to listen on; 0 takes a free one (default 8080)', read: number },
  host: { takes: 'H', help: 'address to listen on (default 127.0.0.1)' },
  apiKeys: {
    takes: 'NAME=HASH,...',
    help: 'who may ask: the SHA-256 of each key ("sequoia key" makes one; default: everybody)',
    read: pairs,
  },
  requestsPerMinute: {
    takes: 'N',
    help: 'of one key, or of one address where there are no keys; more get status 429 (default: no limit)',
    read: number,
  },
  rateLimitRedis: {
    takes: 'URL',
    help: 'Redis store that servers count in together; needs the package redis (default: each counts for itself)',
  },
  trustedProxies: { takes: 'N', help: 'proxies in front whose X-Forwarded-For is believed (default 0)', read: number },
  corsOrigins: {
    takes: 'ORIGIN,...',
    help: 'pages of which origins may call from a browser; * is all (default: none but our own)',
    read: list,
  },
  maxBodyBytes: { takes: 'N', help: 'largest request body (default 4194304)', read: number },
  drainSeconds: { takes: 'N', help: 'how long requests may go on after SIGTERM (default 30)', read: number },
  logLevel: {
    takes: LOG_LEVELS.join('|'),
    help: 'what is logged on standard error: a JSON line each, on a terminal lines for people (default info)',
  },
  logPrompts: { takes: 'true|false', help: 'also log what requests and answers say (default false)', read: yesNo },
  playground: { takes: 'true|false', help: 'the page at / (default true)', read: yesNo },
  redis: {
    takes: 'URL',
    help: 'answer through workers on this Redis store ("sequoia worker"); without a model: all that they serve',
  },
  maxWaitMs: {
    takes: 'MS',
    help: 'with redis: most that a request may wait for a worker; then it gets status 429 (default: no limit)',
    read: number,
  },
  vllmMetrics: {
    takes: 'true|false',
    help: 'gauges of the load under the names that inference gateways read, beside ours (default false)',
    read: yesNo,
  },
  dataDir: { takes: 'DIR', help: 'where /v1/files and /v1/batches keep theirs (default: both are off)' },
}

type Key = keyof typeof shape
const KEYS = Object.keys(shape) as Key[]
const separated = (key: string, by: string): string => key.replace(/[A-Z]/g, (letter) => by + letter.toLowerCase())
const flagOf = (key: Key): string => separated(key, '-')
const variableOf = (key: Key): string => `SEQUOIA_${separated(key, '_').toUpperCase()}`

/** A setting's flag reads text, and leaves range and kind to the schema. */
export const serveFlags: Flags = {
  config: {
    takes: 'FILE',
    help: 'settings as JSON, named as the flags but in camelCase; also "models": a list, to serve several',
    read: (given) => given,
  },
  ...Object.fromEntries(
    KEYS.map((key): [string, Flag<unknown>] => [
      flagOf(key),
      { takes: words[key].takes, help: words[key].help, read: (given, name) => checked(key, given, name) },
    ]),
  ),
}

/**
 * Gathers the settings of file, environment and flags. Throws `InvalidArgumentError` naming where a value is from, for
 * an unknown key as well.
 */
export function readServeConfig(argv: readonly string[], env: Readonly<NodeJS.ProcessEnv>): ServeConfig {
  const { config: file, ...flags } = parse(serveFlags, argv, null).values
  const named = Object.fromEntries(KEYS.map((key) => [flagOf(key), key]))
  const settings = {
    ...fromFile((file as string | undefined) ?? env.SEQUOIA_CONFIG),
    ...fromEnvironment(env),
    ...Object.fromEntries(Object.entries(flags).map(([flag, value]) => [named[flag], value])),
  }
  // A model named nearer by goes before the file's list.
  if ('model' in flags || env.SEQUOIA_MODEL !== undefined) delete (settings as Partial<ServeConfig>).models
  const config = serveSchema.parse(settings)
  if (config.maxWaitMs !== undefined && config.redis === undefined)
    throw new InvalidArgumentError('maxWaitMs', 'maxWaitMs is for a queue that workers share; give redis as well')
  return config
}

function fromFile(file: string | undefined): Partial<ServeConfig> {
  if (file === undefined) return {}
  let value: unknown
  try {
    value = JSON.parse(readTextSync(file))
  } catch (error) {
    throw new InvalidArgumentError('--config', `--config: ${file} cannot be read as JSON: ${(error as Error).message}`)
  }
  const fault = firstFault(serveSchema, value)
  if (fault)
    throw new InvalidArgumentError(
      fault.param,
      `${file}: ${fault.message}${fault.code === 'unknown_parameter' ? ` (${whatIsKnown(fault.param)})` : ''}`,
    )
  const settings = value as Partial<ServeConfig>
  if (settings.model !== undefined && settings.models !== undefined)
    throw new InvalidArgumentError('model', `${file}: model and models say the same thing; give one of them`)
  return settings
}

/** A model is named by another word in the list than outside it. */
function whatIsKnown(field: string): string {
  if (field === 'target') return 'one model is named by "model", those of the list "models" by "target"'
  if (field.endsWith('].model')) return 'in the list a model is named by "target"'
  return `known are models, ${KEYS.join(', ')}`
}

function fromEnvironment(env: Readonly<NodeJS.ProcessEnv>): Partial<ServeConfig> {
  const known = new Map<string, Key>(KEYS.map((key) => [variableOf(key), key]))
  const given = Object.entries(env).filter(([name]) => name.startsWith('SEQUOIA_') && name !== 'SEQUOIA_CONFIG')
  return Object.fromEntries(
    given.map(([name, value]) => {
      const key = known.get(name)
      if (!key)
        throw new InvalidArgumentError(
          name,
          `unknown environment variable ${name}; known are SEQUOIA_CONFIG, ${[...known.keys()].join(', ')}`,
        )
      return [key, checked(key, value ?? '', name)]
    }),
  )
}

function checked(key: Key, given: string, name: string): unknown {
  const value = words[key].read?.(given) ?? given
  const fault = firstFault(z.strictObject({ [key]: shape[key] }), { [key]: value })
  if (fault) throw new InvalidArgumentError(name, name + fault.message.slice(key.length))
  return value
}
