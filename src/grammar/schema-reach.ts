/**
 * Which schemas accept anything at all. A schema that can only be answered by an answer to itself (`A` is `B`, `B` is
 * `A`; an object that requires another of its kind) accepts no finite text: where there is a choice it is left out, and
 * where there is none the whole is refused.
 */
import {
  ALONE,
  checkKeywords,
  isNothing,
  itemsOf,
  membersOf,
  refused,
  typesOf,
  type Schema,
} from './schema-keywords.js'
import { resolveRef } from './schema-refs.js'

/** Most schemas inside each other, along references too. */
const MOST_DEPTH = 100
/** Most schemas in one; what several references point at counts once. */
const MOST_SCHEMAS = 10_000

/** What a schema needs to have an answer: answers to all of `all`, and to one of `any` (null: to none more). */
interface Needs {
  all: readonly unknown[]
  any: readonly unknown[] | null
}

export class Reach {
  private readonly found = new Set<unknown>()

  /** Checks every schema that can be reached from `root`; throws `InvalidArgumentError` with the place. */
  constructor(private readonly root: unknown) {
    const needs = new Map<unknown, Needs>()
    this.collect(root, '#', 0, needs)
    // In reverse: a schema is collected before those it needs, so without circles one round is enough.
    const order = [...needs].reverse()
    for (let size = -1; size !== this.found.size;) {
      size = this.found.size
      for (const [schema, { all, any }] of order)
        if (all.every((one) => this.has(one)) && (any === null || any.some((one) => this.has(one))))
          this.found.add(schema)
    }
  }

  /** Whether some text is an answer to the schema. */
  has(schema: unknown): boolean {
    if (isNothing(schema) || schema === undefined) return false
    return schema === true || this.found.has(schema)
  }

  private collect(schema: unknown, at: string, depth: number, needs: Map<unknown, Needs>): void {
    if (schema === true || isNothing(schema) || needs.has(schema)) return
    if (depth > MOST_DEPTH) throw refused(at, `schemas are nested more than ${MOST_DEPTH} deep`)
    checkKeywords(schema, at)
    if (needs.size >= MOST_SCHEMAS) throw refused(at, `there are more than ${MOST_SCHEMAS} schemas in it`)
    needs.set(schema, { all: [], any: null })
    const parts = this.parts(schema, at)
    needs.set(schema, parts.needs)
    for (const [one, place] of parts.inside) this.collect(one, place, depth + 1, needs)
  }

  private parts(schema: Schema, at: string): { needs: Needs; inside: (readonly [unknown, string])[] } {
    const alone = ALONE.find((keyword) => Object.hasOwn(schema, keyword))
    if (alone === '$ref') {
      const target = resolveRef(this.root, schema.$ref, (why) => refused(at, why))
      return { needs: { all: [target], any: null }, inside: [[target, String(schema.$ref)]] }
    }
    if (alone === 'const' || alone === 'enum') return { needs: { all: [], any: null }, inside: [] }
    if (alone) {
      const ways: unknown = schema[alone]
      if (!Array.isArray(ways) || ways.length === 0)
        throw refused(`${at}/${alone}`, `"${alone}" must be a list with at least one entry`)
      const inside = ways.map((one: unknown, i) => [one, `${at}/${alone}/${i}`] as const)
      return { needs: alone === 'allOf' ? { all: ways, any: null } : { all: [], any: ways }, inside }
    }
    const types = typesOf(schema, at)
    const inside: (readonly [unknown, string])[] = []
    const needed: unknown[] = []
    if (types.includes('array')) {
      const { firsts, rest, place } = itemsOf(schema, at)
      firsts.forEach((one, i) => inside.push([one, `${at}/${place}/${i}`]))
      if (rest !== undefined) inside.push([rest, `${at}/items`])
      needed.push(...firsts)
      if (Number(schema.minItems) > firsts.length) needed.push(rest)
    }
    if (types.includes('object')) {
      const { names, forms, required, others } = membersOf(schema, at)
      for (const name of names) inside.push([forms.get(name), `${at}/properties/${name}`])
      if (others !== undefined) inside.push([others, `${at}/additionalProperties`])
      needed.push(...[...required].map((name) => forms.get(name)))
    }
    // A schema of several types has an answer of one of them at least.
    return {
      needs: { all: types.every((type) => type === 'array' || type === 'object') ? needed : [], any: null },
      inside,
    }
  }
}
