/**
 * Request bodies grown from our OpenAPI description: most of their values are what it asks for, some are not, at every
 * depth. The same for the same number.
 */
import { openApi } from '../../src/serve/openapi/document.js'
import { seeded } from './random-llama.js'

export interface Grown {
  /** `chat/completions`, `completions` or `responses`. */
  path: string
  /** Members of the body: name to JSON text, in order. */
  members: Map<string, string>
}

interface Schema {
  type?: string | readonly string[]
  anyOf?: readonly Schema[]
  oneOf?: readonly Schema[]
  const?: unknown
  enum?: readonly unknown[]
  properties?: Record<string, Schema>
  required?: readonly string[]
  items?: Schema
  minItems?: number
  minimum?: number
  maximum?: number
  pattern?: string
}

/** Share of values that are replaced, of optional fields that are there, and of objects with a member too many. */
const BOUNDARY = 0.02
const OPTIONAL = 0.12
const EXTRA = 0.02

/** Values at the edge of what JSON and JavaScript can say, as JSON text. */
const EDGES = [
  'null',
  '""',
  '[]',
  '{}',
  '[null]',
  'true',
  '-1',
  '0',
  '1e400',
  '-1e400',
  '5e-324',
  '9007199254740993',
  '-9223372036854775808',
  `1${'0'.repeat(400)}`,
  '"\\ud800"',
  '"\\udc00x\\ud83d"',
  '"\\u0000"',
  '"__proto__"',
  '{"__proto__":{"n":1}}',
  '{"constructor":{"prototype":1}}',
  '{"b":1,"1":2}',
  JSON.stringify('x'.repeat(5000)),
  JSON.stringify(' '.repeat(20_000)),
  `${'['.repeat(255)}${']'.repeat(255)}`,
  `${'['.repeat(5000)}${']'.repeat(5000)}`,
  `${'{"a":'.repeat(600)}1${'}'.repeat(600)}`,
  `[${Array.from({ length: 3000 }, (_, i) => i).join()}]`,
]
const NAMES = ['__proto__', 'constructor', 'toString', '', '1', 'no_such_field', 'x'.repeat(5000), '\ud800']
const TEXTS = ['x', 'hi', 'const a = 1', ' ', 'é😀', 'END', '<|im_start|>', '{"a":1}', '\\', '\u2028', 'micro']
/** For what the description leaves open: schemas and parameters. */
const OPEN = [
  '{"type":"object","properties":{"a":{"type":"integer","minimum":0,"maximum":9}},"required":["a"]}',
  '{"const":3791411052119578828}',
  '{"enum":["a",null,1]}',
  '{"type":"string","maxLength":5}',
  '{"type":"array","items":{"type":"boolean"},"maxItems":2}',
  '{"type":"object","properties":{"b":{"const":0},"1":{"const":1}},"required":["b"]}',
  '{"type":["null","boolean"],"default":null}',
  '{"not":{}}',
  '{"$ref":"#"}',
]

type Random = () => number

const { paths } = openApi(['micro']) as {
  paths: Record<string, { post?: { requestBody: { content: Record<string, { schema: Schema }> } } }>
}
const ENDPOINTS = Object.entries(paths).flatMap(([path, { post }]) =>
  post ? [{ path: path.slice(1), schema: post.requestBody.content['application/json'].schema }] : [],
)

export function grown(number: number): Grown {
  const random = seeded(number + 1)
  const { path, schema } = pick(ENDPOINTS, random)
  const members = new Map(Object.entries(membersOf(schema, random)))
  // Answers stay short, most requests reach the model, and what is drawn is the same every time.
  if (random() < 0.97) members.set('model', '"micro"')
  if (random() < 0.95)
    members.set(path === 'responses' ? 'max_output_tokens' : 'max_tokens', String(pick([1, 2, 5], random)))
  if (!members.has('seed') || members.get('seed') === 'null') members.set('seed', '7')
  return { path, members }
}

export function bodyText(members: ReadonlyMap<string, string>): string {
  return `{${Array.from(members, ([name, text]) => `${JSON.stringify(name)}:${text}`).join(',')}}`
}

/** What is wrong with an answer, if anything: a fault of the server, or an error that is none of ours. */
export function faultOf(status: number, text: string, { members }: Grown): string | null {
  if (status === 504) return members.has('timeout_ms') ? null : 'timed out without being asked to'
  if (status >= 500) return `status ${status}`
  if (text.includes('"internal_error"')) return 'a fault of the server inside a stream'
  if (status === 200) return null
  const { error } = JSON.parse(text) as { error?: { message: string; param: string | null } }
  if (!error) return 'an error without the error object'
  if (error.message.length > 1100 || (error.param ?? '').length > 200) return 'an error that repeats a whole value'
  const [named] = /\b(?!maxNodes|additionalProperties)[a-z]+[A-Z]\w*/.exec(withoutQuotes(error.message)) ?? []
  // A field that the client made up is named as it came.
  return named && !bodyText(members).includes(named) ? `an error that speaks of ${named}: ${error.message}` : null
}

function withoutQuotes(text: string): string {
  return text.replace(/"(?:[^"\\]|\\.)*"/gs, '').replace(/#\/\S*/g, '')
}

/** What of an answer must be the same however it was drafted: null for what cannot be compared. */
export function said(status: number, text: string): string | null {
  if (status !== 200 || !text.startsWith('{')) return null
  const { choices, output } = JSON.parse(text) as { choices?: object[]; output?: object[] }
  return JSON.stringify(choices ?? output).replace(/"id":"(?:call|msg)_\w+"/g, '')
}

function membersOf({ properties = {}, required = [] }: Schema, random: Random): Record<string, string> {
  const there = Object.entries(properties).filter(([name]) => required.includes(name) || random() < OPTIONAL)
  const members = there.map(([name, schema]) => [name, grow(schema, random)] as const)
  const extra = random() < EXTRA ? [[pick(NAMES, random), pick(EDGES, random)] as const] : []
  return Object.fromEntries([...members, ...extra])
}

function grow(schema: Schema, random: Random): string {
  if (random() < BOUNDARY) return pick(EDGES, random)
  const forms = schema.anyOf ?? schema.oneOf
  if (forms) return grow(pick(forms, random), random)
  if (schema.const !== undefined) return JSON.stringify(schema.const)
  if (schema.enum) return JSON.stringify(pick(schema.enum, random))
  const type = typeof schema.type === 'object' ? pick(schema.type, random) : schema.type
  switch (type) {
    case 'null':
      return 'null'
    case 'boolean':
      return String(random() < 0.5)
    case 'string':
      return JSON.stringify(schema.pattern ? 'f1' : pick(TEXTS, random))
    case 'integer':
    case 'number':
      return number(schema, type, random)
    case 'array':
      return list(schema, random)
    case 'object':
      return schema.properties ? bodyText(new Map(Object.entries(membersOf(schema, random)))) : pick(OPEN, random)
    default:
      return pick([...OPEN, '1', '"x"', 'null'], random)
  }
}

function number({ minimum = -3, maximum = 300 }: Schema, type: string, random: Random): string {
  const most = Math.min(maximum, 300)
  const between = minimum + random() * (most - minimum)
  const value = pick([minimum, maximum, between, between, between], random)
  return JSON.stringify(type === 'integer' ? Math.floor(value) : value)
}

function list({ items = {}, minItems = 0 }: Schema, random: Random): string {
  const length = minItems + Math.floor(random() * 3)
  return `[${Array.from({ length }, () => grow(items, random)).join(',')}]`
}

function pick<T>(from: readonly T[], random: Random): T {
  return from[Math.floor(random() * from.length)]
}
