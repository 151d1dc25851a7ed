/**
 * What is done to every request body before its fields are looked at: bounded in depth, freed of nulls, and without the
 * prototype's names. Values that are the client's own (schemas, metadata) are left as they came.
 */
import { MOST_ENTRIES, MOST_STRUCTURES, NumberText, ordered } from '../common/json/index.js'
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

/** Lists of tokens, by the thousand; what they hold is checked in one go. */
const LONG = ['prompt', 'banned_token_ids', 'allowed_token_ids', 'logit_bias']
/** Most entries of any other list of the wire's own, or members of an object. */
export const MOST_IN_ONE = 4096

/** A place, and those below it that are known. */
interface Place {
  owner: 'wire' | 'client' | 'schema'
  isLong: boolean
  inner: Map<string, Place>
}

const TOP: Place = { owner: 'wire', isLong: false, inner: new Map() }
/** Any other: of the wire, with nothing known below it. */
const ELSEWHERE: Place = { owner: 'wire', isLong: false, inner: new Map() }
for (const [owner, paths] of [['client', REPEATED] as const, ['schema', SCHEMAS] as const])
  for (const path of paths) placeOf(path).owner = owner
for (const path of LONG) placeOf(path).isLong = true

function placeOf(path: string): Place {
  let place = TOP
  for (const name of path.split('.')) {
    const inner = place.inner.get(name) ?? { owner: 'wire', isLong: false, inner: new Map() }
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
 * what is no object, for a value nested deeper than `MOST_DEPTH`, for more values than are checked while the event loop
 * waits, for a field called `__proto__`, and for whole numbers in schemas that lost their digits before they came here.
 */
export function wireFields(body: unknown): Record<string, unknown> {
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw new ApiError(400, 'invalid_type', `the request body must be a JSON object; got ${show(body)}`)
  const left = { structures: MOST_STRUCTURES, entries: MOST_ENTRIES }
  for (const [field, value] of Object.entries(body)) {
    const fault = faultOfSize(value, left)
    if (fault === null) continue
    const param = shortened(field)
    throw new ApiError(400, 'invalid_value', `${param} ${fault}`, param)
  }
  return cleaned(body, TOP, null) as Record<string, unknown>
}

/** Level by level, so that no depth is too much. `left`: what a body may still hold, which is used up. */
function faultOfSize(value: unknown, left: { structures: number; entries: number }): string | null {
  let level: object[] = isObject(value) ? [value] : []
  for (let depth = 0; level.length > 0; depth++) {
    if (depth === MOST_DEPTH) return `is nested more than ${MOST_DEPTH} levels deep; send something flatter`
    const next: object[] = []
    for (const one of level) {
      const all: unknown[] = Array.isArray(one) ? one : Object.values(one)
      left.structures -= Array.isArray(one) ? 1 : 1 + all.length
      left.entries -= all.length
      if (left.structures < 0 || left.entries < 0)
        return (
          `brings the request beyond ${MOST_STRUCTURES} objects, lists and members or ${MOST_ENTRIES} entries; ` +
          'send less'
        )
      for (const inside of all) if (isObject(inside)) next.push(inside)
    }
    level = next
  }
  return null
}

function assertFew(count: number, { isLong }: Place, way: Way | null): void {
  if (isLong || count <= MOST_IN_ONE) return
  const param = shortened(pathOf(way))
  throw new ApiError(400, 'invalid_value', `${param} may have ${MOST_IN_ONE} entries at most; got ${count}`, param)
}

/** A value in which nothing is to be cleaned is given back as it is: lists may have many thousands of members. */
function cleaned(value: unknown, place: Place, way: Way | null): unknown {
  if (value instanceof NumberText) return Number(value)
  if (!isObject(value)) return value
  let isSame = true
  if (Array.isArray(value)) {
    assertFew(value.length, place, way)
    const list = value.map((one: unknown, step) => {
      const clean = isObject(one) ? cleaned(one, place, { step, outer: way }) : one
      if (clean !== one) isSame = false
      return clean
    })
    return isSame ? value : list
  }
  const members: [string, unknown][] = []
  const given = Object.entries(value)
  assertFew(given.length, place, way)
  for (const [step, inside] of given) {
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
