/**
 * JSON Schema to grammar text. Every text of the grammar is JSON that the schema accepts; keywords that a grammar
 * cannot keep are refused by name, never ignored. Where a schema leaves things open the grammar is narrower than it:
 * properties come in the schema's order, those it does not name only if `additionalProperties` says so, and white space
 * is short.
 */
import { InvalidArgumentError } from '../spec/errors.js'
import { anyOf, literal, repeated } from './ebnf.js'
import { otherKeys } from './json-keys.js'
import { ANY_PLAIN, jsonChar } from './json-text.js'
import { integerRange, numberRange } from './number-range.js'
import { regexExpression } from './regex.js'
import {
  ALONE,
  assertionsBeside,
  FORMATS,
  KEYWORDS_OF,
  unknownKeyword,
  type JsonType,
  type Schema,
} from './schema-keywords.js'
import { disjoint, resolveRef } from './schema-refs.js'

const MOST_DEPTH = 100
const MOST_COUNT = 1000
const MOST_NUMBER = 1e15
const TYPES: readonly JsonType[] = ['null', 'boolean', 'integer', 'number', 'string', 'array', 'object']

/** Rules that every schema's grammar may use. */
export const COMMON = [
  'ws ::= "" | " " | "\\n" [ \\t]{0,20}',
  'colon ::= ":" | ": "',
  'hex ::= [0-9A-Fa-f]',
  `char ::= ${ANY_PLAIN} | "\\\\" (["\\\\/bfnrt] | "u" ([0-9A-Ca-cEFef] hex | [Dd] [0-7]) hex hex)`,
  'string ::= "\\"" char* "\\""',
  `number ::= ${numberRange(null, null)}`,
  'member ::= string colon value',
  'object ::= "{" ws (member (ws "," ws member)* ws)? "}"',
  'array ::= "[" ws (value (ws "," ws value)* ws)? "]"',
  'value ::= object | array | string | number | "true" | "false" | "null"',
]

/** Any JSON object. */
export const JSON_OBJECT = ['root ::= object', ...COMMON].join('\n')

/**
 * Throws `InvalidArgumentError` naming `responseFormat`, with the keyword and the place in the schema that no grammar
 * can keep.
 */
export function schemaGrammar(schema: unknown): string {
  const { root, rules } = schemaRules(schema)
  return [`root ::= ${root}`, ...rules, ...COMMON].join('\n')
}

/**
 * The same as rules for a larger grammar, which has `COMMON` too; their names begin with `prefix`. Throws like
 * `schemaGrammar`.
 */
export function schemaRules(schema: unknown, prefix = ''): { root: string; rules: readonly string[] } {
  const writer = new SchemaWriter(schema, prefix)
  const root = writer.rule(schema, '#', 0)
  return { root, rules: writer.rules }
}

class SchemaWriter {
  readonly rules: string[] = []
  /** Rule of each schema that is written or being written, so that references may be circular. */
  private readonly names = new Map<unknown, string>()

  constructor(
    private readonly root: unknown,
    private readonly prefix: string,
  ) {}

  /** The name of the rule for a schema. */
  rule(schema: unknown, at: string, depth: number): string {
    const known = typeof schema === 'object' ? this.names.get(schema) : undefined
    if (known) return known
    if (depth > MOST_DEPTH) throw refused(at, `schemas are nested more than ${MOST_DEPTH} deep`)
    const name = this.freshName()
    if (typeof schema === 'object') this.names.set(schema, name)
    this.add(name, this.expression(schema, at, depth))
    return name
  }

  private count = 0

  private freshName(): string {
    return `${this.prefix}r${this.count++}`
  }

  private add(name: string, expression: string): string {
    this.rules.push(`${name} ::= ${expression}`)
    return name
  }

  private expression(schema: unknown, at: string, depth: number): string {
    if (schema === true) return 'value'
    if (schema === false) throw refused(at, 'the schema false accepts nothing')
    if (!isRecord(schema))
      throw refused(at, `a schema is an object or true; got ${JSON.stringify(schema) ?? 'nothing'}`)
    const unknown = unknownKeyword(schema)
    if (unknown)
      throw refused(
        `${at}/${unknown}`,
        `the keyword "${unknown}" is not supported; leave it out and check the answer for it`,
      )
    const alone = ALONE.find((keyword) => Object.hasOwn(schema, keyword))
    if (alone) return this.alone(schema, alone, at, depth)
    const types = typesOf(schema, at)
    return anyOf(types.map((type) => this.typed(type, schema, at, depth)))
  }

  /** A keyword that says all; `type` may stand beside `enum` and `const`, whose values then must have it. */
  private alone(schema: Schema, keyword: (typeof ALONE)[number], at: string, depth: number): string {
    const beside = assertionsBeside(schema, keyword).filter(
      (other) => !(other === 'type' && (keyword === 'enum' || keyword === 'const')),
    )
    if (beside.length > 0)
      throw refused(
        at,
        `"${keyword}" beside ${beside.map((other) => `"${other}"`).join(', ')} is not supported; put all of it into "${keyword}"`,
      )
    const value = schema[keyword]
    if (keyword === '$ref')
      return this.rule(
        resolveRef(this.root, value, (why) => refused(at, why)),
        String(value),
        depth + 1,
      )
    if (keyword === 'const') return this.values([value], schema, at)
    if (!Array.isArray(value) || value.length === 0)
      throw refused(`${at}/${keyword}`, `"${keyword}" must be a list with at least one entry`)
    if (keyword === 'enum') return this.values(value, schema, at)
    if (keyword === 'allOf' && value.length > 1)
      throw refused(`${at}/allOf`, '"allOf" of several schemas is not supported; write their keywords into one')
    if (keyword === 'oneOf') this.assertDisjoint(value, at)
    return anyOf(value.map((one, i) => this.rule(one, `${at}/${keyword}/${i}`, depth + 1)))
  }

  private values(values: readonly unknown[], schema: Schema, at: string): string {
    const types = schema.type === undefined ? null : typesOf(schema, at)
    const fitting = values.filter((value) => !types || types.some((type) => isOfType(value, type)))
    if (fitting.length === 0) throw refused(at, 'none of the values has the type that is asked for')
    return anyOf(fitting.map((value) => literal(JSON.stringify(value))))
  }

  /** An answer that two schemas of `oneOf` accept would be wrong. */
  private assertDisjoint(schemas: readonly unknown[], at: string): void {
    const resolved = schemas.map((schema) =>
      isRecord(schema) && schema.$ref !== undefined
        ? resolveRef(this.root, schema.$ref, (why) => refused(at, why))
        : schema,
    )
    resolved.forEach((one, i) =>
      resolved.slice(i + 1).forEach((other, j) => {
        if (!disjoint(one, other))
          throw refused(
            `${at}/oneOf`,
            `schemas ${i} and ${i + 1 + j} of "oneOf" may accept the same value; give them different types or a required property with different constants, or use "anyOf"`,
          )
      }),
    )
  }

  private typed(type: JsonType, schema: Schema, at: string, depth: number): string {
    switch (type) {
      case 'null':
        return '"null"'
      case 'boolean':
        return '("true" | "false")'
      case 'integer':
      case 'number':
        return numeric(type, schema, at)
      case 'string':
        return text(schema, at)
      case 'array':
        return this.array(schema, at, depth)
      case 'object':
        return this.object(schema, at, depth)
    }
  }

  private array(schema: Schema, at: string, depth: number): string {
    const prefix = schema.prefixItems ?? []
    if (!Array.isArray(prefix)) throw refused(`${at}/prefixItems`, '"prefixItems" must be a list of schemas')
    const firsts = prefix.map((one, i) => this.rule(one, `${at}/prefixItems/${i}`, depth + 1))
    const endless = schema.items === undefined ? prefix.length === 0 : schema.items !== false
    const least = Math.max(0, bound(schema, 'minItems', at, 0) - firsts.length)
    const most = endless ? bound(schema, 'maxItems', at, Infinity) - firsts.length : 0
    if (least > most || most < 0)
      throw refused(at, '"minItems", "maxItems", "prefixItems" and "items" contradict each other')
    const item =
      endless && most > 0
        ? schema.items === undefined
          ? 'value'
          : this.rule(schema.items, `${at}/items`, depth + 1)
        : ''
    const inside = joinedList(firsts, item, least, most)
    return inside ? `"[" ws ${inside} "]"` : '"[" ws "]"'
  }

  private object(schema: Schema, at: string, depth: number): string {
    const properties = schema.properties ?? {}
    const required = schema.required ?? []
    if (!isRecord(properties)) throw refused(`${at}/properties`, '"properties" must be an object of schemas')
    if (!Array.isArray(required)) throw refused(`${at}/required`, '"required" must be a list of names')
    const names = Object.keys(properties)
    const unnamed = required.find((name) => !Object.hasOwn(properties, String(name)))
    if (unnamed !== undefined)
      throw refused(
        `${at}/required`,
        `"required" names ${JSON.stringify(unnamed)}, which "properties" does not describe`,
      )
    const open = schema.additionalProperties ?? names.length === 0
    const members = names.map(
      (name) =>
        `${literal(JSON.stringify(name))} colon ${this.rule(properties[name], `${at}/properties/${name}`, depth + 1)}`,
    )
    const other =
      open === false
        ? ''
        : `${otherKeys(names, (expression) => this.add(this.freshName(), expression))} colon ${this.rule(open, `${at}/additionalProperties`, depth + 1)}`
    return `"{" ws ${this.members(
      members,
      names.map((name) => required.includes(name)),
      other,
    )} "}"`
  }

  /** Members in order; `first`: nothing stands before them, `later`: something does. Built from the last one. */
  private members(members: readonly string[], required: readonly boolean[], other: string): string {
    let first = other ? this.add(this.freshName(), `"" | ${other} (ws "," ws ${other})* ws`) : '""'
    let later = other ? this.add(this.freshName(), `(ws "," ws ${other})* ws`) : 'ws'
    for (let i = members.length - 1; i >= 0; i--) {
      const begins = `${members[i]} ${later}`
      const goesOn = `ws "," ws ${members[i]} ${later}`
      first = this.add(this.freshName(), required[i] ? begins : `${begins} | ${first}`)
      later = this.add(this.freshName(), required[i] ? goesOn : `${goesOn} | ${later}`)
    }
    return first
  }
}

/** `firsts` in order, then `least` to `most` items, with commas between; empty where there can be none. */
function joinedList(firsts: readonly string[], item: string, least: number, most: number): string {
  const next = `ws "," ws ${item}`
  if (firsts.length > 0) return `${firsts.join(' ws "," ws ')} ${item ? repeated(next, least, most) : ''} ws`
  if (!item) return ''
  const some = `${item} ${repeated(next, Math.max(0, least - 1), most - 1)} ws`
  return least > 0 ? some : `(${some})?`
}

function numeric(type: 'integer' | 'number', schema: Schema, at: string): string {
  const limit = (keyword: string): number | null => {
    const value = schema[keyword]
    if (value === undefined) return null
    if (typeof value !== 'number') throw refused(`${at}/${keyword}`, `"${keyword}" must be a number`)
    if (type === 'number' && (!Number.isInteger(value) || keyword.startsWith('exclusive'))) {
      throw refused(
        `${at}/${keyword}`,
        `for numbers that need not be whole only "minimum" and "maximum" with whole numbers are supported; got "${keyword}": ${value}`,
      )
    }
    if (Math.abs(value) <= MOST_NUMBER) return value
    // Schema builders write the range of safe integers out; whole numbers have fewer digits here anyway.
    if (type === 'integer' && value < 0 === keyword.toLowerCase().endsWith('minimum')) return null
    throw refused(
      `${at}/${keyword}`,
      `"${keyword}" must lie between -1e15 and 1e15; leave it out if it should not limit`,
    )
  }
  const lows = [ceil(limit('minimum')), above(limit('exclusiveMinimum'))].filter((low) => low !== null)
  const highs = [floor(limit('maximum')), below(limit('exclusiveMaximum'))].filter((high) => high !== null)
  const least = lows.length > 0 ? Math.max(...lows) : null
  const most = highs.length > 0 ? Math.min(...highs) : null
  if (least !== null && most !== null && least > most) throw refused(at, 'no number lies within these bounds')
  if (type === 'number' && least === null && most === null) return 'number'
  return type === 'integer' ? integerRange(least, most) : numberRange(least, most)
}

const ceil = (x: number | null): number | null => (x === null ? null : Math.ceil(x) + 0)
const floor = (x: number | null): number | null => (x === null ? null : Math.floor(x) + 0)
const above = (x: number | null): number | null => (x === null ? null : Math.floor(x) + 1)
const below = (x: number | null): number | null => (x === null ? null : Math.ceil(x) - 1)

function text(schema: Schema, at: string): string {
  const { pattern, format } = schema
  const sized = schema.minLength !== undefined || schema.maxLength !== undefined
  if ([sized, pattern !== undefined, format !== undefined].filter(Boolean).length > 1) {
    throw refused(at, 'of "pattern", "format" and lengths only one is supported for a string; say it all in "pattern"')
  }
  if (format !== undefined && !Object.hasOwn(FORMATS, String(format))) {
    throw refused(
      `${at}/format`,
      `the format ${JSON.stringify(format)} is not supported; supported are ${Object.keys(FORMATS).join(', ')}`,
    )
  }
  const regex = format === undefined ? pattern : FORMATS[String(format)]
  if (regex !== undefined) {
    if (typeof regex !== 'string') throw refused(`${at}/pattern`, '"pattern" must be a string')
    const fail = (why: string): Error => refused(`${at}/pattern`, `the pattern ${JSON.stringify(regex)} ${why}`)
    return `"\\"" ${regexExpression(regex, { fail, char: jsonChar, search: format === undefined })} "\\""`
  }
  if (!sized) return 'string'
  const least = bound(schema, 'minLength', at, 0)
  const most = bound(schema, 'maxLength', at, Infinity)
  if (least > most) throw refused(at, '"minLength" is greater than "maxLength"')
  return `"\\"" ${repeated('char', least, most)} "\\""`
}

function bound(schema: Schema, keyword: string, at: string, otherwise: number): number {
  const value = schema[keyword]
  if (value === undefined) return otherwise
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 0 || value > MOST_COUNT) {
    throw refused(
      `${at}/${keyword}`,
      `"${keyword}" must be a whole number from 0 to ${MOST_COUNT}; got ${JSON.stringify(value)}`,
    )
  }
  return value
}

function typesOf(schema: Schema, at: string): JsonType[] {
  if (schema.type !== undefined) {
    const types: unknown[] = Array.isArray(schema.type) ? schema.type : [schema.type]
    const stranger = types.find((type) => !TYPES.includes(type as JsonType))
    if (types.length === 0 || stranger !== undefined)
      throw refused(
        `${at}/type`,
        `"type" must be one of ${TYPES.join(', ')}, or a list of them; got ${JSON.stringify(schema.type)}`,
      )
    return types as JsonType[]
  }
  const meant = (Object.keys(KEYWORDS_OF) as (keyof typeof KEYWORDS_OF)[]).filter((type) =>
    KEYWORDS_OF[type].some((keyword) => Object.hasOwn(schema, keyword)),
  )
  if (meant.length > 1)
    throw refused(at, `the keywords belong to several types (${meant.join(', ')}); say which by "type"`)
  return meant.length === 1 ? meant : ['object', 'array', 'string', 'number', 'boolean', 'null']
}

function isOfType(value: unknown, type: JsonType): boolean {
  if (type === 'integer') return Number.isInteger(value)
  if (type === 'null') return value === null
  if (type === 'array') return Array.isArray(value)
  return type === 'object' ? isRecord(value) : typeof value === type
}

const isRecord = (value: unknown): value is Schema =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function refused(at: string, why: string): InvalidArgumentError {
  return new InvalidArgumentError('responseFormat', `the JSON schema cannot be used: at ${at}: ${why}`)
}
