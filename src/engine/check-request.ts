/** Checks a request at the border and fills in the defaults; what comes after may trust every field. */
import { randomBytes } from 'node:crypto'
import { InvalidArgumentError } from '../spec/errors.js'
import { checkControls, SAMPLING_FIELDS, type Controls } from '../sampling/controls.js'
import { flag, integer, positive, real, show } from '../spec/check-values.js'
import type { NoiseKey, Sampling, TreeShape } from '../core/types.js'
import { checkTools, type CheckedTools } from './check-tools.js'
import type { Verifier } from '../strategies/verifier.js'
import type { SamplingDefaults } from '../spec/sampling-defaults.js'
import type { GenerateRequest } from '../api/types.js'
import type { Whose } from './queue.js'

export interface CheckedRequest {
  maxTokens: number
  sampling: Sampling
  controls: Controls
  /** What it may call; null: nothing. */
  tools: CheckedTools | null
  key: NoiseKey
  echo: boolean
  stop: readonly string[]
  resume: readonly number[] | undefined
  signal: AbortSignal | undefined
  onAccepted: (() => void) | undefined
  timeoutMs: number | undefined
  draft: string | undefined
  verifier: Verifier
  /** Most nodes of its trees, root included. */
  maxNodes: number
  shape: TreeShape | undefined
  trace: boolean
  whose: Whose
}

const FIELDS = new Set<string>([
  ...SAMPLING_FIELDS,
  'messages',
  'tools',
  'toolChoice',
  'parallelToolCalls',
  'chatTemplateKwargs',
  'prompt',
  'promptTokens',
  'maxTokens',
  'temperature',
  'topK',
  'topP',
  'minP',
  'seed',
  'stop',
  'resume',
  'signal',
  'onAccepted',
  'timeoutMs',
  'draft',
  'verifier',
  'maxNodes',
  'tree',
  'echo',
  'trace',
  'caller',
  'urgency',
  'session',
  'requestId',
])
const MAX_STOPS = 16

/** What bounds a request's values. */
export interface RequestLimits {
  /** Most nodes of a pinned tree. */
  maxNodes: number
  vocabSize: number
  verifiers: ReadonlyMap<string, Verifier>
  /** What holds where the request says nothing. */
  defaults: SamplingDefaults
}

export function checkRequest(
  given: GenerateRequest,
  { maxNodes, vocabSize, verifiers, defaults }: RequestLimits,
): CheckedRequest {
  const request = withDefaults(given, defaults)
  for (const field of Object.keys(request)) {
    if (!FIELDS.has(field))
      throw new InvalidArgumentError(field, `unknown field "${field}"; known are ${[...FIELDS].join(', ')}`)
  }
  const said = (['messages', 'prompt', 'promptTokens'] as const).filter((field) => request[field] !== undefined)
  if (said.length !== 1) {
    throw new InvalidArgumentError(
      'prompt',
      `give exactly one of messages, prompt, promptTokens; got ${said.length === 0 ? 'none' : said.join(' and ')}`,
    )
  }
  const name = request.verifier ?? 'coupled'
  const verifier = verifiers.get(name)
  if (!verifier)
    throw new InvalidArgumentError(
      'verifier',
      `verifier must be one of ${[...verifiers.keys()].join(', ')}; got ${show(name)}`,
    )
  if (!verifier.allowsDynamic && request.seed !== undefined) {
    throw new InvalidArgumentError(
      'verifier',
      `a seed promises the same text whatever the tree, which the "${name}" verifier does not keep; leave out ` +
        'seed, or use "coupled"',
    )
  }
  const echo = flag('echo', request.echo ?? false)
  if (echo && request.messages)
    throw new InvalidArgumentError('echo', 'echo repeats a raw prompt, messages have none; leave out echo')
  const maxTokens = integer('maxTokens', request.maxTokens ?? 256, 1, 2 ** 31 - 1)
  return {
    maxTokens,
    sampling: {
      temperature: real('temperature', request.temperature ?? 0, 0, 100),
      topK: integer('topK', request.topK ?? 0, 0, 2 ** 31 - 1),
      topP: positive('topP', request.topP ?? 1, 1),
      minP: real('minP', request.minP ?? 0, 0, 1),
    },
    tools: checkTools(request),
    controls: checkControls(request, maxTokens, vocabSize),
    key: { seed: seedOf(request.seed), choice: integer('choice', request.choice ?? 0, 0, 2 ** 32 - 1) },
    echo,
    stop: stopsOf(request.stop ?? []),
    resume: request.resume && resumeOf(request.resume, vocabSize, maxTokens),
    signal: request.signal,
    onAccepted: request.onAccepted,
    timeoutMs: request.timeoutMs === undefined ? undefined : integer('timeoutMs', request.timeoutMs, 1, 2 ** 31 - 1),
    draft: request.draft,
    verifier,
    maxNodes:
      request.maxNodes === undefined
        ? maxNodes
        : Math.min(integer('maxNodes', request.maxNodes, 1, 2 ** 31 - 1), maxNodes),
    shape: request.tree && shapeOf(request.tree, maxNodes),
    trace: flag('trace', request.trace ?? false),
    whose: whoseOf(request),
  }
}

function withDefaults(given: GenerateRequest, defaults: SamplingDefaults): GenerateRequest {
  const missing = Object.entries(defaults).filter(([name]) => given[name as keyof SamplingDefaults] === undefined)
  return { ...given, ...Object.fromEntries(missing) }
}

/** `session` says nothing to an engine that has one cache, and `requestId` to none, but both are held to their kind. */
function whoseOf({ caller = '', urgency = 'interactive', session = '', requestId = '' }: GenerateRequest): Whose {
  if (urgency !== 'interactive' && urgency !== 'batch')
    throw new InvalidArgumentError('urgency', `urgency must be "interactive" or "batch"; got ${show(urgency)}`)
  for (const [field, value] of Object.entries({ caller, session, requestId }))
    if (typeof value !== 'string') throw new InvalidArgumentError(field, `${field} must be a text; got ${show(value)}`)
  return { caller, urgency }
}

function seedOf(seed: number | bigint | undefined): bigint {
  if (seed === undefined) return randomBytes(8).readBigUInt64LE()
  if (typeof seed === 'bigint' ? seed < 0n || seed >= 1n << 64n : !Number.isSafeInteger(seed)) {
    throw new InvalidArgumentError(
      'seed',
      `seed must be an integer (a bigint below 2^64 or a safe integer); got ${show(seed)}`,
    )
  }
  return BigInt.asUintN(64, BigInt(seed))
}

function resumeOf(tokens: readonly number[], vocabSize: number, maxTokens: number): readonly number[] {
  const bad = tokens.findIndex((token) => !Number.isInteger(token) || token < 0 || token >= vocabSize)
  if (bad >= 0)
    throw new InvalidArgumentError(
      'resume',
      `resume must be token ids from 0 to ${vocabSize - 1}; entry ${bad} is ${show(tokens[bad])}`,
    )
  if (tokens.length >= maxTokens)
    throw new InvalidArgumentError(
      'resume',
      `resume has ${tokens.length} tokens of an answer of at most ${maxTokens}: nothing is left to go on with`,
    )
  return tokens
}

function stopsOf(stop: readonly string[]): readonly string[] {
  if (!Array.isArray(stop) || stop.length > MAX_STOPS || stop.some((text) => typeof text !== 'string' || text === '')) {
    throw new InvalidArgumentError(
      'stop',
      `stop must be a list of at most ${MAX_STOPS} non-empty strings; got ${show(stop)}`,
    )
  }
  return stop
}

/** A pinned tree: root first, parents before children, brought into level order (siblings keep their order). */
function shapeOf(parents: readonly number[], maxNodes: number): TreeShape {
  const bad = (why: string): InvalidArgumentError =>
    new InvalidArgumentError('tree', `tree must list a parent index per node, -1 first: ${why}`)
  if (parents.length === 0 || parents[0] !== -1) throw bad(`the first entry is ${show(parents[0])}`)
  if (parents.length > maxNodes) throw bad(`it has ${parents.length} nodes, at most ${maxNodes} are possible`)
  const depths = [0]
  for (let i = 1; i < parents.length; i++) {
    if (!Number.isInteger(parents[i]) || parents[i] < 0 || parents[i] >= i)
      throw bad(`node ${i} has parent ${show(parents[i])}, expected 0..${i - 1}`)
    depths.push(depths[parents[i]] + 1)
  }
  const order = depths.map((_, i) => i).sort((a, b) => depths[a] - depths[b] || placeOf(a) - placeOf(b) || a - b)
  const place = new Map(order.map((node, i) => [node, i]))
  return { parents: Int32Array.from(order, (node) => (node === 0 ? -1 : place.get(parents[node])!)) }

  function placeOf(node: number): number {
    return node === 0 ? 0 : parents[node]
  }
}
