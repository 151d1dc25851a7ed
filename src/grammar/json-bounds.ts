/**
 * Lengths that a JSON schema asks for, by place in the answer. They are counted beside the grammar (`json-counter.ts`):
 * in the grammar, a string of 200 characters would have 200 states, each with its own mask. Alternatives that meet in a
 * place have one range there, the intersection of theirs. Where that is empty, the grammar counts.
 */
import { ALONE, isRecord, itemsOf, membersOf, refused, typesOf, type Schema } from './schema-keywords.js'
import { itemRange } from './schema-items.js'
import type { Reach } from './schema-reach.js'
import { resolveRef } from './schema-refs.js'
import { lengthOf, type LengthRange } from './schema-strings.js'

/** What is counted in one place, and in the places inside it. Null: nothing. May be circular. */
export interface Bounds {
  text: LengthRange | null
  items: LengthRange | null
  firsts: (Bounds | null)[]
  rest: Bounds | null
  members: Map<string, Bounds | null>
  others: Bounds | null
}

/** A schema and where it stands (`#/properties/a`). */
interface Form {
  schema: unknown
  at: string
}

/** Most places of an answer; a place is the set of schemas that may be answered there. */
const MOST_PLACES = 20_000

/** Most pairs of a named member and a schema that describes it, over all places. */
const MOST_FORMS = 100_000

const tooMany = (at: string, what: string): Error =>
  refused(at, `its alternatives meet in too many ways: more than ${what}; say with fewer "anyOf" what it means`)

/** `bounds`: null where no length is asked for. `counted`: the schemas whose lengths the grammar has to count. */
export function boundsOf(root: unknown, reach: Reach): { bounds: Bounds | null; counted: ReadonlySet<unknown> } {
  const finder = new BoundsFinder(root, reach)
  const bounds = finder.whole()
  return { bounds: finder.any ? bounds : null, counted: finder.counted }
}

class BoundsFinder {
  readonly counted = new Set<unknown>()
  any = false
  private forms = 0

  private readonly ids = new Map<unknown, number>()
  private readonly places = new Map<string, Bounds>()
  private readonly waiting: (() => void)[] = []

  constructor(
    private readonly root: unknown,
    private readonly reach: Reach,
  ) {}

  whole(): Bounds | null {
    const bounds = this.place([{ schema: this.root, at: '#' }])
    for (let next = this.waiting.pop(); next; next = this.waiting.pop()) next()
    return bounds
  }

  /** The bounds where an answer to any of these schemas may stand. */
  private place(schemas: readonly Form[]): Bounds | null {
    const forms = new Map<unknown, Form>()
    for (const form of schemas) this.flatten(form, forms)
    if (![...forms.keys()].some(isRecord)) return null
    const key = [...forms.keys()]
      .map((schema) => this.idOf(schema))
      .sort((a, b) => a - b)
      .join()
    const known = this.places.get(key)
    if (known) return known
    if (this.places.size >= MOST_PLACES) throw tooMany(schemas[0].at, `${MOST_PLACES} places`)
    const bounds: Bounds = { text: null, items: null, firsts: [], rest: null, members: new Map(), others: null }
    this.places.set(key, bounds)
    this.waiting.push(() => this.look(bounds, [...forms.values()]))
    return bounds
  }

  private idOf(schema: unknown): number {
    const id = this.ids.get(schema) ?? this.ids.size
    this.ids.set(schema, id)
    return id
  }

  /** Adds what a schema stands for once references and alternatives are followed. */
  private flatten({ schema, at }: Form, into: Map<unknown, Form>, seen = new Set<unknown>()): void {
    if (!this.reach.has(schema) || seen.has(schema)) return
    seen.add(schema)
    const alone = isRecord(schema) && ALONE.find((keyword) => Object.hasOwn(schema, keyword))
    if (!alone || alone === 'const' || alone === 'enum') into.set(schema, { schema, at })
    else if (alone === '$ref') {
      const target = resolveRef(this.root, (schema as Schema).$ref, (why) => refused(at, why))
      this.flatten({ schema: target, at: String((schema as Schema).$ref) }, into, seen)
    } else
      ((schema as Schema)[alone] as unknown[]).forEach((one, i) =>
        this.flatten({ schema: one, at: `${at}/${alone}/${i}` }, into, seen),
      )
  }

  private look(bounds: Bounds, forms: readonly Form[]): void {
    const of = (type: 'string' | 'array' | 'object'): Form[] =>
      forms.filter(({ schema, at }) => isRecord(schema) && !listed(schema) && typesOf(schema, at).includes(type))
    const values = forms.flatMap(({ schema }) => (isRecord(schema) ? (listed(schema) ?? []) : []))

    const texts = values.filter((value) => typeof value === 'string').map((value) => Array.from(value).length)
    bounds.text = this.common(of('string'), texts, (schema, at) => {
      if (schema.pattern === undefined && schema.format === undefined) return lengthOf(schema, at) ?? NO_BOUND
      return null
    })
    const lists = values.filter(Array.isArray).map((value) => value.length)
    bounds.items = this.common(of('array'), lists, (schema, at) => itemRange(schema, at))
    this.fillItems(bounds, of('array'))
    this.fillMembers(bounds, of('object'))
  }

  private fillItems(bounds: Bounds, forms: readonly Form[]): void {
    const lists = forms.map(({ schema, at }) => ({ ...itemsOf(schema as Schema, at), at }))
    const most = Math.max(0, ...lists.map(({ firsts }) => firsts.length))
    bounds.firsts = Array.from({ length: most }, (_, i) =>
      this.place(
        lists.map(({ firsts, rest, place, at }) =>
          i < firsts.length ? { schema: firsts[i], at: `${at}/${place}/${i}` } : { schema: rest, at: `${at}/items` },
        ),
      ),
    )
    bounds.rest = this.place(lists.map(({ rest, at }) => ({ schema: rest, at: `${at}/items` })))
  }

  private fillMembers(bounds: Bounds, forms: readonly Form[]): void {
    const objects = forms.map(({ schema, at }) => ({ ...membersOf(schema as Schema, at), at }))
    const elsewhere = objects.map(({ others, at }) => ({ schema: others, at: `${at}/additionalProperties` }))
    /** By name, the objects that describe it; by schema, how many objects leave other names to it. */
    const naming = new Map<string, number[]>()
    objects.forEach(({ names }, i) => names.forEach((name) => into(naming, name, i)))
    const left = new Map<unknown, number[]>()
    elsewhere.forEach(({ schema }, i) => into(left, schema, i))
    for (const [name, indices] of naming) {
      this.forms += indices.length + left.size
      if (this.forms > MOST_FORMS) throw tooMany(elsewhere[0].at, `${MOST_FORMS} members`)
      const here = indices.map((i) => ({
        schema: objects[i].forms.get(name),
        at: `${objects[i].at}/properties/${name}`,
      }))
      const gone = new Map<unknown, number[]>()
      for (const i of indices) into(gone, elsewhere[i].schema, i)
      const rest = [...left].filter(([schema, all]) => all.length > (gone.get(schema)?.length ?? 0))
      bounds.members.set(name, this.place([...here, ...rest.map(([, [first]]) => elsewhere[first])]))
    }
    bounds.others = this.place(elsewhere)
  }

  /**
   * The range that all forms have in common; null where there is no bound, or where a form or one of the `fixed`
   * lengths would not fit: then the grammar counts. `rangeOf` gives null for a form of unknown length (a pattern).
   */
  private common(
    forms: readonly Form[],
    fixed: readonly number[],
    rangeOf: (schema: Schema, at: string) => LengthRange | null,
  ): LengthRange | null {
    const ranges = forms.map(({ schema, at }) => rangeOf(schema as Schema, at))
    const known = ranges.filter((range) => range !== null)
    const least = Math.max(0, ...known.map((range) => range.least))
    const most = Math.min(Infinity, ...known.map((range) => range.most))
    if (least === 0 && most === Infinity) return null
    const fits = least <= most && known.length === ranges.length && fixed.every((n) => n >= least && n <= most)
    if (fits) {
      this.any = true
      return { least, most }
    }
    forms.forEach(({ schema }) => this.counted.add(schema))
    return null
  }
}

function into<K>(lists: Map<K, number[]>, key: K, value: number): void {
  const list = lists.get(key)
  if (list) list.push(value)
  else lists.set(key, [value])
}

const NO_BOUND: LengthRange = { least: 0, most: Infinity }

/** The values that a schema lists; null where it does not. */
function listed(schema: Schema): readonly unknown[] | null {
  if (Object.hasOwn(schema, 'const')) return [schema.const]
  return Array.isArray(schema.enum) ? schema.enum : null
}
