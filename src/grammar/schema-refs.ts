/** References between schemas, and whether two schemas can accept the same value. */
import { writeJson } from '../common/json/index.js'
import { isRecord, shown, type Schema } from './schema-keywords.js'

/** The schema that a local reference (`#`, `#/$defs/name`) points at; `fail` words an error. */
export function resolveRef(root: unknown, ref: unknown, fail: (why: string) => Error): unknown {
  if (typeof ref !== 'string' || !(ref === '#' || ref.startsWith('#/')))
    throw fail(`"$ref" must point into the same schema ("#/$defs/name"); got ${shown(ref)}`)
  let found = root
  for (const part of ref.split('/').slice(1)) {
    const key = decoded(part, () => fail(`"$ref" ${shown(ref)} has a "%" that begins no character`))
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, key))
      throw fail(`"$ref" points at ${shown(ref)}, which is not in the schema`)
    found = (found as Schema)[key]
  }
  return found
}

function decoded(part: string, fail: () => Error): string {
  try {
    return decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~')
  } catch {
    throw fail()
  }
}

/** True only where it is plain that no value fits both: other types, or a required property with other constants. */
export function disjoint(a: unknown, b: unknown): boolean {
  if (a === false || b === false) return true
  if (!isRecord(a) || !isRecord(b)) return false
  const constants = [constantsOf(a), constantsOf(b)]
  if (constants[0] && constants[1]) return !constants[0].some((value) => constants[1]!.includes(value))
  const types = [kindsOf(a), kindsOf(b)]
  if (types[0] && types[1] && !types[0].some((type) => types[1]!.includes(type))) return true
  return requiredOf(a).some((name) => {
    const [one, other] = [propertyOf(a, name), propertyOf(b, name)]
    return requiredOf(b).includes(name) && disjointConstants(one, other)
  })
}

function disjointConstants(a: unknown, b: unknown): boolean {
  const [one, other] = [isRecord(a) && constantsOf(a), isRecord(b) && constantsOf(b)]
  return Boolean(one && other && !one.some((value) => other.includes(value)))
}

/** What `const` or `enum` allow, as JSON text. */
function constantsOf(schema: Schema): string[] | null {
  if (Object.hasOwn(schema, 'const')) return [writeJson(schema.const)]
  return Array.isArray(schema.enum) ? schema.enum.map((value) => writeJson(value)) : null
}

/** Types, with integers among the numbers. */
function kindsOf(schema: Schema): unknown[] | null {
  const constants = schema.type === undefined && constantsOf(schema)
  if (constants) return [...new Set(constants.map(kindOfText))]
  const { type } = schema
  if (type === undefined) return null
  return (Array.isArray(type) ? type : [type]).map((one: unknown) => (one === 'integer' ? 'number' : one))
}

const KINDS: Readonly<Record<string, string>> = {
  '{': 'object',
  '[': 'array',
  '"': 'string',
  t: 'boolean',
  f: 'boolean',
}

const kindOfText = (text: string): string => KINDS[text[0]] ?? (text === 'null' ? 'null' : 'number')

const requiredOf = ({ required }: Schema): unknown[] => (Array.isArray(required) ? required : [])

const propertyOf = ({ properties }: Schema, name: unknown): unknown =>
  isRecord(properties) && Object.hasOwn(properties, String(name)) ? properties[String(name)] : undefined
