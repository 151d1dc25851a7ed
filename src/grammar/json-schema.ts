/**
 * JSON Schema to grammar text. Every text of the grammar is JSON that the schema accepts, where lengths are counted
 * beside it (`json-bounds.ts`); keywords that cannot be kept are refused by name, never ignored. Where a schema leaves
 * things open the grammar is narrower than it: properties come in the schema's order, those it does not name only if
 * `additionalProperties` says so, and white space is short.
 */
import { writeJson } from '../common/json/index.js'
import { anyOf, literal, repeated } from './ebnf.js'
import { boundsOf, type Bounds } from './json-bounds.js'
import { otherKeys } from './json-keys.js'
import {
  ALONE,
  assertionsBeside,
  isOfType,
  isRecord,
  itemsOf,
  membersOf,
  refused,
  typesOf,
  type JsonType,
  type Schema,
} from './schema-keywords.js'
import { numericExpression } from './schema-numbers.js'
import { Reach } from './schema-reach.js'
import { disjoint, resolveRef } from './schema-refs.js'
import { lengthOf, MOST_COUNTED, stringExpression } from './schema-strings.js'
import { itemRange } from './schema-items.js'

/** Alternatives of `oneOf`, each of which is held against each other. */
const MOST_ONE_OF = 200

/** A schema as rules for a larger grammar, which has `COMMON` too, and the lengths that are counted beside them. */
export interface SchemaRules {
  root: string
  rules: readonly string[]
  bounds: Bounds | null
}

/**
 * Names of rules begin with `prefix`. Throws `InvalidArgumentError` naming `responseFormat`, with the keyword and the
 * place in the schema that cannot be kept.
 */
export function schemaRules(schema: unknown, prefix = ''): SchemaRules {
  const reach = new Reach(schema)
  if (!reach.has(schema)) throw refused('#', 'no finite text is an answer to it: what it requires leads back to itself')
  const { bounds, counted } = boundsOf(schema, reach)
  const writer = new SchemaWriter(schema, prefix, reach, counted)
  const root = writer.rule(schema, '#')
  return { root, rules: writer.rules, bounds }
}

class SchemaWriter {
  readonly rules: string[] = []
  /** Rule of each schema that is written or being written, so that references may be circular. */
  private readonly names = new Map<unknown, string>()

  /** `counted`: schemas whose lengths the grammar itself has to count. */
  constructor(
    private readonly root: unknown,
    private readonly prefix: string,
    private readonly reach: Reach,
    private readonly counted: ReadonlySet<unknown>,
  ) {}

  /** The name of the rule for a schema. */
  rule(schema: unknown, at: string): string {
    if (schema === true) return 'value'
    const known = this.names.get(schema)
    if (known) return known
    const name = this.freshName()
    this.names.set(schema, name)
    this.add(name, this.expression(schema as Schema, at))
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

  private expression(schema: Schema, at: string): string {
    const alone = ALONE.find((keyword) => Object.hasOwn(schema, keyword))
    if (alone) return this.alone(schema, alone, at)
    return anyOf(
      typesOf(schema, at)
        .map((type) => this.typed(type, schema, at))
        .filter((way) => way !== null),
    )
  }

  /** A keyword that says all; `type` may stand beside `enum` and `const`, whose values then must have it. */
  private alone(schema: Schema, keyword: (typeof ALONE)[number], at: string): string {
    const beside = assertionsBeside(schema, keyword).filter(
      (other) => !(other === 'type' && (keyword === 'enum' || keyword === 'const')),
    )
    if (beside.length > 0)
      throw refused(
        at,
        `"${keyword}" beside ${beside.map((other) => `"${other}"`).join(', ')} is not supported; ` +
          `put all of it into "${keyword}"`,
      )
    const value = schema[keyword]
    if (keyword === '$ref') return this.rule(this.resolved(schema, at), String(value))
    if (keyword === 'const') return this.values([value], schema, at)
    const ways = value as readonly unknown[]
    if (keyword === 'enum') {
      if (!Array.isArray(value) || value.length === 0)
        throw refused(`${at}/enum`, '"enum" must be a list with at least one entry')
      return this.values(ways, schema, at)
    }
    if (keyword === 'allOf' && ways.length > 1)
      throw refused(`${at}/allOf`, '"allOf" of several schemas is not supported; write their keywords into one')
    if (keyword === 'oneOf') this.assertDisjoint(ways, at)
    const open = [...ways.entries()].filter(([, one]) => this.reach.has(one))
    return anyOf(open.map(([i, one]) => this.rule(one, `${at}/${keyword}/${i}`)))
  }

  private resolved(schema: unknown, at: string): unknown {
    if (!isRecord(schema) || schema.$ref === undefined) return schema
    return resolveRef(this.root, schema.$ref, (why) => refused(at, why))
  }

  private values(values: readonly unknown[], schema: Schema, at: string): string {
    const types = schema.type === undefined ? null : typesOf(schema, at)
    const fitting = values.filter((value) => !types || types.some((type) => isOfType(value, type)))
    if (fitting.length === 0) throw refused(at, 'none of the values has the type that is asked for')
    return anyOf(fitting.map((value) => literal(writeJson(value))))
  }

  /** An answer that two schemas of `oneOf` accept would be wrong. */
  private assertDisjoint(schemas: readonly unknown[], at: string): void {
    if (schemas.length > MOST_ONE_OF)
      throw refused(`${at}/oneOf`, `"oneOf" may have ${MOST_ONE_OF} schemas at most; use "anyOf"`)
    const resolved = schemas.map((schema) => this.resolved(schema, at))
    resolved.forEach((one, i) =>
      resolved.slice(i + 1).forEach((other, j) => {
        if (!disjoint(one, other))
          throw refused(
            `${at}/oneOf`,
            `schemas ${i} and ${i + 1 + j} of "oneOf" may accept the same value; give them different types ` +
              'or a required property with different constants, or use "anyOf"',
          )
      }),
    )
  }

  /** Null where no finite text of this type is an answer. */
  private typed(type: JsonType, schema: Schema, at: string): string | null {
    switch (type) {
      case 'null':
        return '"null"'
      case 'boolean':
        return '("true" | "false")'
      case 'integer':
      case 'number':
        return numericExpression(type, schema, at)
      case 'string':
        return stringExpression(schema, at, this.counted.has(schema))
      case 'array':
        return this.array(schema, at)
      case 'object':
        return this.object(schema, at)
    }
  }

  private array(schema: Schema, at: string): string | null {
    const { firsts, rest, place } = itemsOf(schema, at)
    const { least, most } = itemRange(schema, at)
    const more = this.reach.has(rest) && most > firsts.length
    if (!firsts.every((one) => this.reach.has(one)) || (!more && least > firsts.length)) return null
    const written = firsts.map((one, i) => this.rule(one, `${at}/${place}/${i}`))
    const item = more ? this.rule(rest, `${at}/items`) : ''
    const counts = this.counted.has(schema)
    if (counts && (least > MOST_COUNTED || (most > MOST_COUNTED && most !== Infinity)))
      throw refused(
        at,
        `"minItems" and "maxItems" above ${MOST_COUNTED} are not supported where another alternative asks for ` +
          'other counts in the same place; give both the same',
      )
    // Where counts are kept beside the grammar it still has to know a list that is never empty.
    const [from, to] = counts ? [least, most] : [Math.min(least, Math.max(1, firsts.length)), Infinity]
    const inside = joinedList(written, item, Math.max(0, from - firsts.length), to - firsts.length)
    return inside ? `"[" ws ${inside} "]"` : '"[" ws "]"'
  }

  private object(schema: Schema, at: string): string | null {
    const { names, forms, required, others, otherNames } = membersOf(schema, at)
    if ([...required].some((name) => !this.reach.has(forms.get(name)))) return null
    const open = names.filter((name) => this.reach.has(forms.get(name)))
    const members = open.map(
      (name) => `${literal(writeJson(name))} colon ${this.rule(forms.get(name), `${at}/properties/${name}`)}`,
    )
    const other = this.reach.has(others)
      ? `${this.otherKey(names, otherNames, at)} colon ${this.rule(others, `${at}/additionalProperties`)}`
      : ''
    return `"{" ws ${this.members(
      members,
      open.map((name) => required.has(name)),
      other,
    )} "}"`
  }

  private otherKey(names: readonly string[], form: unknown, at: string): string {
    if (form === undefined) return otherKeys(names, at, (expression) => this.add(this.freshName(), expression))
    const place = `${at}/propertyNames`
    if (!isRecord(form) || assertionsBeside(form, 'type').some((keyword) => ALONE.includes(keyword as 'enum')))
      throw refused(place, '"propertyNames" is supported with keywords of strings, or as an "enum"')
    if (typesOf(form, place).join() !== 'string') throw refused(place, 'names are strings')
    const length = lengthOf(form, place)
    if (length && Math.max(length.least, length.most === Infinity ? 0 : length.most) > MOST_COUNTED)
      throw refused(place, `lengths of names are supported up to ${MOST_COUNTED}; leave them out or lower them`)
    return stringExpression(form, place, true)
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
  if (firsts.length > 0) return `${firsts.join(' ws "," ws ')} ${item ? counted(next, least, most) : ''} ws`
  if (!item) return ''
  const some = `${item} ${counted(next, Math.max(0, least - 1), most - 1)} ws`
  return least > 0 ? some : `(${some})?`
}

const counted = (expression: string, least: number, most: number): string =>
  least === 0 && most === Infinity ? `(${expression})*` : repeated(expression, least, most)
