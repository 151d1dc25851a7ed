/** Filters that pick items by a test, or map them: `map`, `select`, `selectattr` and their opposites, `attr`. */
import { attributePath } from './attribute-path.js'
import { ownAttribute } from './members.js'
import { str } from './print.js'
import { passes } from './tests.js'
import { isTrue, iterate, orElse, Stream, TemplateError, typeName, Undefined, type Call, type Value } from './values.js'

/** `byAttribute`: the first argument names what is looked at; without a test that has to be true. */
const picking =
  (wanted: boolean, byAttribute: boolean): Call =>
  ([value = null, ...args]) => {
    const attribute = byAttribute ? args.shift() : undefined
    if (byAttribute && attribute === undefined) throw new TemplateError('Missing parameter for attribute name')
    const [test, ...rest] = args
    const holds = (item: Value): boolean => {
      const looked = attribute === undefined ? item : attributePath(item, attribute)
      return test === undefined ? isTrue(looked) : passes(str(test), looked, rest)
    }
    return new Stream(lazily(value, (item) => (holds(item) === wanted ? [item] : [])))
  }

/** By a filter, or by attribute with a default. */
const mapping =
  (filter: (name: string) => Call): Call =>
  ([value = null, name, ...args], named) => {
    if (name !== undefined) {
      const call = filter(str(name))
      return new Stream(lazily(value, (item) => [call([item, ...args], named)]))
    }
    const [attribute, otherwise] = [named.get('attribute'), named.get('default')]
    const unknown = [...named.keys()].find((key) => key !== 'attribute' && key !== 'default')
    if (attribute === undefined || unknown !== undefined)
      throw new TemplateError(
        unknown === undefined ? 'map requires a filter argument' : `Unexpected keyword argument '${unknown}'`,
      )
    return new Stream(
      lazily(value, (item) => {
        const found = attributePath(item, attribute)
        return [found instanceof Undefined && otherwise !== undefined ? otherwise : found]
      }),
    )
  }

function* lazily(value: Value, each: (item: Value) => Value[]): Generator<Value> {
  if (!isTrue(value)) return
  for (const item of iterate(value)) yield* each(item)
}

/** `filter`: every filter by its name, these among them. */
export const pickingFilters = (filter: (name: string) => Call): Readonly<Record<string, Call>> => ({
  attr: ([value = null, name = null]) => {
    const missing = `'${value === null ? 'None' : `${typeName(value)} object`}' has no attribute '${str(name)}'`
    return orElse(ownAttribute(value, str(name)), () => new Undefined(missing))
  },
  map: mapping(filter),
  reject: picking(false, false),
  rejectattr: picking(false, true),
  select: picking(true, false),
  selectattr: picking(true, true),
})
