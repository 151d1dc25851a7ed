/** Which keywords of JSON Schema a grammar can keep, and what they say about the type where `type` is absent. */
import { NumberText } from '../common/json/index.js'
import { InvalidArgumentError } from '../spec/errors.js'

export type JsonType = 'null' | 'boolean' | 'integer' | 'number' | 'string' | 'array' | 'object'

export type Schema = Readonly<Record<string, unknown>>

export const isRecord = (value: unknown): value is Schema =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof NumberText)

const TYPES: readonly JsonType[] = ['null', 'boolean', 'integer', 'number', 'string', 'array', 'object']

/** Keywords about one type; a schema that has them and no `type` means that type. */
const KEYWORDS_OF: Readonly<Record<'string' | 'number' | 'array' | 'object', readonly string[]>> = {
  string: ['minLength', 'maxLength', 'pattern', 'format'],
  number: ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum'],
  array: ['items', 'prefixItems', 'additionalItems', 'minItems', 'maxItems'],
  object: ['properties', 'required', 'additionalProperties', 'propertyNames'],
}

/** Each stands alone: it says all that its schema says. */
export const ALONE = ['$ref', 'anyOf', 'oneOf', 'allOf', 'const', 'enum'] as const

const ANNOTATIONS = [
  'title',
  'description',
  'default',
  'examples',
  'deprecated',
  'readOnly',
  'writeOnly',
  'contentEncoding',
  'contentMediaType',
  'contentSchema',
  '$schema',
  '$id',
  '$comment',
  '$defs',
  'definitions',
]

const KNOWN: ReadonlySet<string> = new Set(['type', ...ALONE, ...ANNOTATIONS, ...Object.values(KEYWORDS_OF).flat()])

/** Keywords whose value is a schema, so that false means nothing may be there; of others it turns a switch off. */
const FALSE_ASKS: ReadonlySet<string> = new Set(['contains', 'if', 'then', 'else'])

/** Longest part of a place or a value that a message repeats. */
const MOST_SHOWN = 160

/** `at`: the place in the schema. */
export function refused(at: string, why: string): InvalidArgumentError {
  return new InvalidArgumentError('responseFormat', `the JSON schema cannot be used: at ${cut(at)}: ${why}`)
}

export function cut(text: string): string {
  return text.length > MOST_SHOWN ? `${text.slice(0, MOST_SHOWN)}...` : text
}

/** A value as a message repeats it. */
export const shown = (value: unknown): string => cut(JSON.stringify(value) ?? 'nothing')

/** True accepts all, false and `not: {}` nothing. */
export function isNothing(schema: unknown): boolean {
  return (
    schema === false || (isRecord(schema) && (schema.not === true || (isRecord(schema.not) && isEmpty(schema.not))))
  )
}

const isEmpty = (record: Schema): boolean => Object.keys(record).length === 0

/** Throws where a schema is none, or has a keyword that no grammar here keeps; false values of switches ask nothing. */
export function checkKeywords(schema: unknown, at: string): asserts schema is Schema {
  if (!isRecord(schema)) throw refused(at, `a schema is an object, true or false; got ${shown(schema)}`)
  const isKept = (keyword: string): boolean =>
    KNOWN.has(keyword) || (schema[keyword] === false && !FALSE_ASKS.has(keyword))
  const unknown = Object.keys(schema).find((keyword) => !isKept(keyword))
  if (unknown !== undefined)
    throw refused(
      `${at}/${unknown}`,
      `the keyword "${cut(unknown)}" is not supported; leave it out and check the answer for it`,
    )
  if (schema.$id !== undefined && at !== '#')
    throw refused(`${at}/$id`, '"$id" below the top is not supported; point with "$ref" from the top')
}

/** The keywords beside `keyword` that say something more. */
export function assertionsBeside(schema: Schema, keyword: string): string[] {
  return Object.keys(schema).filter((other) => other !== keyword && !ANNOTATIONS.includes(other))
}

/** The types that a schema without a keyword of `ALONE` takes. */
export function typesOf(schema: Schema, at: string): JsonType[] {
  if (schema.type !== undefined) {
    const types: unknown[] = Array.isArray(schema.type) ? schema.type : [schema.type]
    const stranger = types.find((type) => !TYPES.includes(type as JsonType))
    if (types.length === 0 || stranger !== undefined)
      throw refused(
        `${at}/type`,
        `"type" must be one of ${TYPES.join(', ')}, or a list of them; got ${shown(schema.type)}`,
      )
    return [...new Set(types as JsonType[])]
  }
  const meant = (Object.keys(KEYWORDS_OF) as (keyof typeof KEYWORDS_OF)[]).filter((type) =>
    KEYWORDS_OF[type].some((keyword) => Object.hasOwn(schema, keyword)),
  )
  if (meant.length > 1)
    throw refused(at, `the keywords belong to several types (${meant.join(', ')}); say which by "type"`)
  return meant.length === 1 ? meant : ['object', 'array', 'string', 'number', 'boolean', 'null']
}

/** A count from 0 to `most`. */
export function countOf(schema: Schema, keyword: string, at: string, otherwise: number, most: number): number {
  const value = schema[keyword]
  if (value === undefined) return otherwise
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 0 || value > most)
    throw refused(`${at}/${keyword}`, `"${keyword}" must be a whole number from 0 to ${most}; got ${shown(value)}`)
  return value
}

/** The forms of a list's items: those of its first places, and that of all others; undefined: none come. */
export function itemsOf(schema: Schema, at: string): { firsts: readonly unknown[]; rest: unknown; place: string } {
  const { items, prefixItems } = schema
  const older = Array.isArray(items)
  if (older && prefixItems !== undefined)
    throw refused(at, '"items" beside "prefixItems" must be one schema, not a list of them')
  const firsts: unknown = older ? items : (prefixItems ?? [])
  if (!Array.isArray(firsts)) throw refused(`${at}/prefixItems`, '"prefixItems" must be a list of schemas')
  if (schema.additionalItems !== undefined && !older && items === undefined && prefixItems !== undefined)
    throw refused(
      `${at}/additionalItems`,
      '"additionalItems" goes with "items" as a list; beside "prefixItems" use "items"',
    )
  const given = older ? schema.additionalItems : items
  const rest = given ?? (firsts.length === 0 && schema.unevaluatedItems !== false)
  return { firsts, rest: isNothing(rest) ? undefined : rest, place: older ? 'items' : 'prefixItems' }
}

/** An object's members in order, which of them must come, and the form of those without a name; undefined: none. */
export interface Members {
  names: readonly string[]
  forms: ReadonlyMap<string, unknown>
  required: ReadonlySet<string>
  others: unknown
  /** What names of the others keep to; undefined: any. */
  otherNames: unknown
}

export function membersOf(schema: Schema, at: string): Members {
  const { properties = {}, required = [], additionalProperties, unevaluatedProperties, propertyNames } = schema
  if (!isRecord(properties)) throw refused(`${at}/properties`, '"properties" must be an object of schemas')
  if (!Array.isArray(required) || required.some((name) => typeof name !== 'string'))
    throw refused(`${at}/required`, '"required" must be a list of names')
  const forms = new Map<string, unknown>(Object.entries(properties))
  const needed = new Set<string>(required as string[])
  const open = additionalProperties ?? (forms.size === 0 && unevaluatedProperties !== false)
  const listed = namesListed(propertyNames, at)
  for (const name of [...(listed ?? []), ...needed]) {
    if (forms.has(name)) continue
    if (listed && !listed.includes(name))
      throw refused(`${at}/required`, `"required" names ${shown(name)}, which "propertyNames" does not allow`)
    if (!isNothing(open)) forms.set(name, open)
    else if (needed.has(name))
      throw refused(`${at}/required`, `"required" names ${shown(name)}, which "properties" does not describe`)
  }
  if (listed) for (const name of forms.keys()) if (!listed.includes(name)) forms.set(name, false)
  const free = isNothing(open) || listed !== null
  const otherNames = listed || isAnyName(propertyNames) ? undefined : propertyNames
  if (otherNames !== undefined && forms.size > 0)
    throw refused(`${at}/propertyNames`, '"propertyNames" beside named properties is supported as an "enum" only')
  return { names: [...forms.keys()], forms, required: needed, others: free ? undefined : open, otherNames }
}

/** The names that `propertyNames` lists; null where it does not. */
function namesListed(propertyNames: unknown, at: string): string[] | null {
  if (!isRecord(propertyNames)) return null
  checkKeywords(propertyNames, `${at}/propertyNames`)
  const { enum: values, const: value } = propertyNames
  if (value !== undefined) return typeof value === 'string' ? [value] : []
  return Array.isArray(values) ? values.filter((name): name is string => typeof name === 'string') : null
}

function isAnyName(schema: unknown): boolean {
  if (schema === undefined || schema === true) return true
  return isRecord(schema) && assertionsBeside(schema, 'type').length === 0 && (schema.type ?? 'string') === 'string'
}

export function isOfType(value: unknown, type: JsonType): boolean {
  if (value instanceof NumberText) return type === 'number' || (type === 'integer' && /^-?\d+$/.test(value.text))
  if (type === 'integer') return Number.isInteger(value)
  if (type === 'null') return value === null
  if (type === 'array') return Array.isArray(value)
  return type === 'object' ? isRecord(value) : typeof value === type
}
