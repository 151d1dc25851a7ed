/**
 * What is done to every request body before its fields are looked at: bounded in depth, freed of nulls, and without the
 * prototype's names. Values that are the client's own (schemas, metadata) are left as they came.
 */
import { NumberText, ordered } from '../common/json/index.js'
import { show } from '../spec/show.js'
import { ApiError } from './api-error.js'

/** Deepest nesting of a body: schemas of 100 levels fit, each of which may take two levels of JSON. */
export const MOST_DEPTH = 256

/** Places (list indices left out) below which a value is the client's own, null among them; nothing is made of it. */
const REPEATED = [
  'metadata',
  'messages.parsed',
  'messages.tool_calls.function.parsed_arguments',
  'input.content.parsed',
  'chat_template_kwargs',
]
/** And those where the model is held to the value or told of it: digits and order matter. */
const SCHEMAS = [
  'functions.parameters',
  'tools.function.parameters',
  'tools.parameters',
  'response_format.json_schema.schema',
  'text.format.schema',
]

/** A place, and those below it that are known. */
interface Place {
  owner: 'wire' | 'client' | 'schema'
  inner: Map<string, Place>
}

const TOP: Place = { owner: 'wire', inner: new Map() }
/** Any other: of the wire, with nothing known below it. */
const ELSEWHERE: Place = { owner: 'wire', inner: new Map() }
for (const [owner, paths] of [['client', REPEATED] as const, ['schema', SCHEMAS] as const])
  for (const path of paths) placeOf(path).owner = owner

function placeOf(path: string): Place {
  let place = TOP
  for (const name of path.split('.')) {
    const inner = place.inner.get(name) ?? { owner: 'wire', inner: new Map() }
    place.inner.set(name, inner)
    place = inner
  }
  return place
}

/** The way to a value from the top, innermost step first; written out for messages alone. */
interface Way {
  step: string | number
  outer: Way | null
}

function pathOf(way: Way | null): string {
  const steps: (string | number)[] = []
  for (let at = way; at; at = at.outer) steps.push(at.step)
  return steps
    .toReversed()
    .map((step, i) => (typeof step === 'number' ? `[${step}]` : i === 0 ? step : `.${step}`))
    .join('')
}

/**
 * The fields of a body. A null counts as left out in the wire's own fields at every depth. Throws `ApiError` 400: for
 * what is no object, for a value nested deeper than `MOST_DEPTH`, for a field called `__proto__`, and for whole numbers
 * in schemas that lost their digits before they came here.
 */
export function wireFields(body: unknown): Record<string, unknown> {
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw new ApiError(400, 'invalid_type', `the request body must be a JSON object; got ${show(body)}`)
  for (const [field, value] of Object.entries(body)) {
    if (!isDeeperThan(value, MOST_DEPTH)) continue
    const param = shortened(field)
    const message = `${param} is nested more than ${MOST_DEPTH} levels deep; send something flatter`
    throw new ApiError(400, 'invalid_value', message, param)
  }
  return cleaned(body, TOP, null) as Record<string, unknown>
}

/** Level by level, so that no depth is too much. */
function isDeeperThan(value: unknown, most: number): boolean {
  let level: object[] = isObject(value) ? [value] : []
  for (let depth = 0; depth < most && level.length > 0; depth++) {
    const next: object[] = []
    for (const one of level) for (const inside of Object.values(one)) if (isObject(inside)) next.push(inside)
    level = next
  }
  return level.length > 0
}

/** A value in which nothing is to be cleaned is given back as it is: lists may have many thousands of members. */
function cleaned(value: unknown, place: Place, way: Way | null): unknown {
  if (value instanceof NumberText) return Number(value)
  if (!isObject(value)) return value
  let isSame = true
  if (Array.isArray(value)) {
    const list = value.map((one: unknown, step) => {
      const clean = isObject(one) ? cleaned(one, place, { step, outer: way }) : one
      if (clean !== one) isSame = false
      return clean
    })
    return isSame ? value : list
  }
  const members: [string, unknown][] = []
  for (const [step, inside] of Object.entries(value)) {
    if (step === '__proto__' && inside !== null && inside !== undefined) throw prototype(pathOf(way))
    const inner = place.inner.get(step) ?? ELSEWHERE
    let clean: unknown = inside
    if (inner.owner === 'schema') assertDigitsKept(inside, pathOf({ step, outer: way }))
    if (inner.owner === 'wire' && isObject(inside)) clean = cleaned(inside, inner, { step, outer: way })
    const isKept = inside !== null && inside !== undefined
    if (isKept) members.push([step, clean])
    if (!isKept || clean !== inside) isSame = false
  }
  return isSame ? value : ordered(members)
}

/** No field is called that; neither is a token. Zod would drop it without a word. */
function prototype(path: string): ApiError {
  const name = shortened(path === '' ? '__proto__' : `${path}.__proto__`)
  return path === 'logit_bias'
    ? new ApiError(400, 'invalid_value', 'logit_bias takes token ids; got "__proto__"', path)
    : new ApiError(400, 'unknown_parameter', `unknown field ${name}; leave it out`, name)
}

/** Numbers of our own parser keep their digits; those of a host's parser have lost them. */
function assertDigitsKept(value: unknown, at: string): void {
  if (
    typeof value === 'number' &&
    (!Number.isFinite(value) || (Number.isInteger(value) && !Number.isSafeInteger(value)))
  ) {
    const param = shortened(at)
    const why = "beyond 2^53, and the server's body parser has rounded it"
    throw new ApiError(400, 'invalid_value', `${param} is ${why} to ${value}; send it as text`, param)
  }
  if (!isObject(value) || value instanceof NumberText) return
  for (const [name, inside] of Object.entries(value))
    if (typeof inside === 'number' || isObject(inside))
      assertDigitsKept(inside, Array.isArray(value) ? `${at}[${name}]` : `${at}.${name}`)
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null

/** Longest path that a message repeats. */
const MOST_PATH = 120

export function shortened(path: string): string {
  return path.length > MOST_PATH ? `${path.slice(0, MOST_PATH)}...` : path
}
