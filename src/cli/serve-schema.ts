/** What the settings of `sequoia serve` may be. */
import * as z from 'zod'
import { formats } from '../formats/index.js'
import { bytesOf, SIZE_WORDS } from '../open/budget/size-text.js'
import { AUTO, MOST_PAST_TOKENS } from '../open/check-options.js'
import { isDevice } from '../open/choose-device.js'
import type { DeviceAddress } from '../runtime/binding/device.js'
import { KV_FORMATS } from '../spec/manifest.js'
import { LOG_LEVELS } from './server-log.js'

const text = z.string().min(1)

/** How one model is opened. */
const engineShape = {
  draft: text.optional(),
  format: z.enum([AUTO, ...formats.keys()]).optional(),
  kv: z.enum(KV_FORMATS).optional(),
  device: z.custom<DeviceAddress | 'auto'>((value) => isDevice(value), 'must be cpu, cuda, cuda:N or auto').optional(),
  deviceMemory: z.custom<number | string>((value) => bytesOf(value) !== null, SIZE_WORDS).optional(),
  cudaGraphs: z.boolean().optional(),
  toolPrompt: z.enum(['template', 'generic']).optional(),
  chatTemplateKwargs: z.record(z.string(), z.unknown()).optional(),
  samplingDefaults: z.enum(['model', 'none']).optional(),
  runtime: z.enum(['auto', 'binding', 'portable']).optional(),
  threads: z.int().min(1).max(1024).optional(),
  memory: z.custom<number | string>((value) => bytesOf(value) !== null, SIZE_WORDS).optional(),
  maxContext: z.int().min(2).optional(),
  maxBatch: z.int().min(1).max(64).optional(),
  maxQueue: z.int().min(0).optional(),
  kvBytes: z.int().min(1).optional(),
  prefixCacheBytes: z.int().min(0).optional(),
  pastOutputs: z.strictObject({ maxTokens: z.int().min(16).max(MOST_PAST_TOKENS) }).optional(),
  timeoutMs: z
    .int()
    .min(1)
    .max(2 ** 31 - 1)
    .optional(),
}

const modelEntry = z.strictObject({
  target: text,
  /** Name to serve it under; default: the model's own. */
  name: text.optional(),
  aliases: z.array(text).optional(),
  ...engineShape,
})

const keyHash = z
  .string()
  .regex(/^sha256:[0-9a-f]{64}$/, 'must be sha256: and 64 hexadecimal digits ("sequoia key" makes one)')

const redisAddress = z.url({ protocol: /^rediss?$/, error: 'must be a redis:// or rediss:// address' })

/** Settings that files, the environment and flags have in common. */
export const shape = {
  model: text.optional(),
  ...engineShape,
  port: z.int().min(0).max(65535).default(8080),
  host: text.default('127.0.0.1'),
  apiKeys: z.record(text, keyHash).default({}),
  requestsPerMinute: z.int().min(1).optional(),
  rateLimitRedis: redisAddress.optional(),
  trustedProxies: z.int().min(0).default(0),
  corsOrigins: z.array(text).default([]),
  maxBodyBytes: z
    .int()
    .min(1024)
    .default(4 * 2 ** 20),
  drainSeconds: z.int().min(0).default(30),
  logLevel: z.enum(LOG_LEVELS).default('info'),
  logPrompts: z.boolean().default(false),
  playground: z.boolean().default(true),
  redis: redisAddress.optional(),
  maxWaitMs: z
    .int()
    .min(1)
    .max(2 ** 31 - 1)
    .optional(),
  dataDir: text.optional(),
  vllmMetrics: z.boolean().default(false),
}

export const serveSchema = z.strictObject({ ...shape, models: z.array(modelEntry).min(1).optional() })

const engineSchema = z.object(engineShape)

/** What models of the list have from the settings around it, unless they say otherwise. */
export const engineSettings = (config: ServeConfig): z.infer<typeof engineSchema> => engineSchema.parse(config)

export type ServeConfig = z.infer<typeof serveSchema>
