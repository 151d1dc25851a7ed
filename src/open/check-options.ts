/** Checks the options of `openEngine` at the border and fills in the defaults. */
import type { OnProgress } from '../common/progress.js'
import { InvalidArgumentError } from '../spec/errors.js'
import { usualCacheFolder } from '../import/storage.js'
import { formatNamed, formats, formatsThat, usualFormat, type FormatName } from '../formats/index.js'
import { partsOf, type DeviceAddress, type DeviceName } from '../runtime/binding/device.js'
import { defaultThreads } from '../runtime/threads.js'
import { drafters as drafterEntries } from '../../plugins/drafters/index.js'
import { planners } from '../../plugins/planners/index.js'
import { verifiers } from '../../plugins/verifiers/index.js'
import { KV_FORMATS, type KvFormat } from '../spec/manifest.js'
import type { Drafter } from '../strategies/drafter.js'
import type { Planner } from '../strategies/planner.js'
import { withOwn, type Registry } from '../strategies/registry.js'
import type { Verifier } from '../strategies/verifier.js'
import type { TemplateInput } from '../text/template-input.js'
import type { ToolPrompt } from '../text/text.js'
import { memorySize } from './budget/size-text.js'
import { deviceAddress } from './choose-device.js'
import { refuseForDevice } from './device-options.js'
import type { EngineOptions } from '../api/types.js'

export interface CheckedOptions {
  target: string
  draft: string
  /** A model that was found to draft where nobody says what does; null: none, or it was not looked for. */
  sibling: string | null
  drafters: readonly Drafter[]
  planner: Planner
  verifiers: Registry<Verifier>
  toolPrompt: ToolPrompt
  chatTemplateKwargs: TemplateInput
  samplingDefaults: 'model' | 'none'
  /** Where it was not asked for, what is usual: `chosenFormat` says better. */
  format: FormatName
  isFormatAsked: boolean
  kv: KvFormat
  /** The kind of device, and which one of its kind. */
  device: DeviceName
  address: DeviceAddress
  /** Whether the device holds the whole model; else it gets layer by layer. */
  isWhole: boolean
  /** Bytes of the device's memory that may be taken. */
  deviceMemory: number | undefined
  /** Whether passes of fixed shapes are replayed. */
  cudaGraphs: boolean
  runtime: 'auto' | 'binding' | 'portable'
  threads: number
  maxContext: number | undefined
  /** Undefined: as many as usual, or as `kvBytes` allows. */
  maxBatch: number | undefined
  kvBytes: number | undefined
  prefixCacheBytes: number | undefined
  /** Bytes that weights, K/V and buffers may take together. */
  memory: number | undefined
  /** Tokens of earlier answers kept to guess from. */
  pastTokens: number
  maxQueue: number
  timeoutMs: number | undefined
  cacheDir: string
  onProgress: OnProgress | undefined
}

/** As a `format`: whichever serves the model best here. */
export const AUTO = 'auto'
/** A quarter of a gigabyte of index. */
export const MOST_PAST_TOKENS = 2 ** 24
/** What `draft` already means. */
const DRAFT_NAMES = ['auto', 'none', ...drafterEntries.map(({ name }) => name)]
const FIELDS = new Set([
  'target',
  'draft',
  'drafters',
  'planner',
  'planners',
  'verifiers',
  'toolPrompt',
  'chatTemplateKwargs',
  'samplingDefaults',
  'format',
  'kv',
  'device',
  'deviceMemory',
  'cudaGraphs',
  'runtime',
  'threads',
  'maxContext',
  'maxBatch',
  'kvBytes',
  'prefixCacheBytes',
  'memory',
  'pastOutputs',
  'maxQueue',
  'timeoutMs',
  'cacheDir',
  'onProgress',
])

export function checkOptions(options: EngineOptions): CheckedOptions {
  for (const field of Object.keys(options)) {
    if (!FIELDS.has(field))
      throw new InvalidArgumentError(field, `unknown option "${field}"; known are ${[...FIELDS].join(', ')}`)
  }
  if (options.memory !== undefined && options.runtime === 'portable') {
    throw new InvalidArgumentError(
      'runtime',
      'runtime "portable" cannot keep to a memory budget: its caches grow by copies, and it streams no weights; ' +
        'leave runtime out, or leave memory out',
    )
  }
  const address = deviceAddress('device', options.device ?? 'cpu')
  const [device] = partsOf(address)
  const { format: asked = AUTO } = options
  const isFormatAsked = asked !== AUTO
  const format = isFormatAsked ? oneOf('format', asked, [AUTO, ...formats.keys()]) : usualFormat(device).name
  if (!formatNamed(format).devices.includes(device)) {
    const fitting = formatsThat(({ devices }) => devices.includes(device)).map((name) => `"${name}"`)
    throw new InvalidArgumentError(
      'format',
      `device "${device}" computes in format ${fitting.join(' or ')}, not "${format}"; leave format out`,
    )
  }
  refuseForDevice(device, options)
  return {
    target: text('target', options.target),
    draft: text('draft', options.draft ?? 'auto'),
    sibling: null,
    drafters: drafters(options.drafters ?? []),
    planner: plannerOf(options),
    verifiers: withOwn(verifiers, options.verifiers ?? [], 'verifiers', ['verify']),
    toolPrompt: oneOf('toolPrompt', options.toolPrompt ?? 'template', ['template', 'generic']),
    // Held against the template once that is open.
    chatTemplateKwargs: options.chatTemplateKwargs ?? {},
    samplingDefaults: oneOf('samplingDefaults', options.samplingDefaults ?? 'model', ['model', 'none']),
    format,
    isFormatAsked,
    kv: keysOf(options, format),
    device,
    address,
    isWhole: device !== 'cpu' && options.memory === undefined,
    deviceMemory: options.deviceMemory === undefined ? undefined : memorySize('deviceMemory', options.deviceMemory),
    cudaGraphs: options.cudaGraphs ?? false,
    runtime: oneOf('runtime', options.runtime ?? 'auto', ['auto', 'binding', 'portable']),
    threads: count('threads', options.threads ?? defaultThreads(), 1),
    maxContext: options.maxContext === undefined ? undefined : count('maxContext', options.maxContext, 2),
    maxBatch: options.maxBatch === undefined ? undefined : count('maxBatch', options.maxBatch, 1, 64),
    kvBytes: options.kvBytes === undefined ? undefined : count('kvBytes', options.kvBytes, 1),
    prefixCacheBytes:
      options.prefixCacheBytes === undefined ? undefined : count('prefixCacheBytes', options.prefixCacheBytes, 0),
    memory: options.memory === undefined ? undefined : memorySize('memory', options.memory),
    pastTokens: options.pastOutputs === undefined ? 0 : pastTokens(options.pastOutputs),
    maxQueue: count('maxQueue', options.maxQueue ?? 64, 0),
    timeoutMs: options.timeoutMs === undefined ? undefined : count('timeoutMs', options.timeoutMs, 1, 2 ** 31 - 1),
    cacheDir: options.cacheDir === undefined ? usualCacheFolder() : text('cacheDir', options.cacheDir),
    onProgress: options.onProgress,
  }
}

/**
 * K in halves goes with V in whole numbers, which formats of a CPU have. A pass spreads one layer's K to float32, which
 * a budget of memory has no room for.
 */
function keysOf({ kv = 'f32', memory }: EngineOptions, format: FormatName): KvFormat {
  const checked = oneOf('kv', kv, KV_FORMATS)
  if (checked === 'f32' || (memory === undefined && formatNamed(format).integers)) return checked
  const fitting = formatsThat(({ integers }) => integers !== null)
  throw new InvalidArgumentError(
    'kv',
    `kv "${checked}" goes with formats ${fitting.join(' and ')} without memory; this engine has format "${format}"` +
      `${memory === undefined ? '' : ' in a budget of memory'}: leave kv out`,
  )
}

/** Only drafters that need nothing of the engine's memory can come from outside. */
function drafters(given: readonly Drafter[]): readonly Drafter[] {
  const taken = new Set(DRAFT_NAMES)
  for (const [i, drafter] of given.entries()) {
    const param = `drafters[${i}]`
    if (typeof drafter?.begin !== 'function' || typeof drafter.dispose !== 'function')
      throw new InvalidArgumentError(
        param,
        `${param} must be a Drafter: an object with name, growth, begin() and dispose()`,
      )
    if (drafter.growth !== 'deterministic')
      throw new InvalidArgumentError(
        `${param}.growth`,
        `${param}.growth must be "deterministic"; got ${JSON.stringify(drafter.growth)}`,
      )
    const name = text(`${param}.name`, drafter.name)
    if (taken.has(name))
      throw new InvalidArgumentError(
        `${param}.name`,
        `${param}.name "${name}" is taken; give it another name than ${[...taken].join(', ')}`,
      )
    taken.add(name)
  }
  return given
}

function plannerOf({ planner = 'sequoia', planners: own = [] }: EngineOptions): Planner {
  const known = withOwn(planners, own, 'planners', ['plan'])
  return known.get(oneOf('planner', planner, [...known.keys()]))!
}

function pastTokens(given: unknown): number {
  if (typeof given !== 'object' || given === null || Object.keys(given).some((field) => field !== 'maxTokens')) {
    throw new InvalidArgumentError('pastOutputs', `pastOutputs must be { maxTokens }; got ${JSON.stringify(given)}`)
  }
  return count('pastOutputs.maxTokens', (given as { maxTokens?: unknown }).maxTokens, 16, MOST_PAST_TOKENS)
}

function text(param: string, value: unknown): string {
  if (typeof value !== 'string' || value === '')
    throw new InvalidArgumentError(
      param,
      `${param} must be a non-empty string; got ${JSON.stringify(value) ?? 'nothing'}`,
    )
  return value
}

function oneOf<T extends string>(param: string, value: unknown, allowed: readonly T[]): T {
  const found = allowed.find((one) => one === value)
  if (!found)
    throw new InvalidArgumentError(param, `${param} must be one of ${allowed.join(', ')}; got ${JSON.stringify(value)}`)
  return found
}

function count(param: string, value: unknown, least: number, most = Number.MAX_SAFE_INTEGER): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < least || value > most) {
    const range = most === Number.MAX_SAFE_INTEGER ? `of at least ${least}` : `from ${least} to ${most}`
    throw new InvalidArgumentError(param, `${param} must be a whole number ${range}; got ${JSON.stringify(value)}`)
  }
  return value
}
