/** Filters that pick items by a test, or map them: `map`, `select`, `selectattr` and their opposites, `attr`. */
import { attributePath } from './attribute-path.js'
import { LIST_FILTERS } from './list-filters.js'
import { ownAttribute } from './members.js'
import { NUMBER_FILTERS } from './number-filters.js'
import { str } from './print.js'
import { passes } from './tests.js'
import { TEXT_FILTERS } from './text-filters.js'
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

const map: Call = ([value = null, name, ...args], named) => {
  if (name !== undefined) {
    const call = { ...TEXT_FILTERS, ...LIST_FILTERS, ...NUMBER_FILTERS, ...PICKING_FILTERS }[str(name)]
    if (!call) throw new TemplateError(`no filter named '${str(name)}' is known here`)
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

export const PICKING_FILTERS: Readonly<Record<string, Call>> = {
  attr: ([value = null, name = null]) => {
    const missing = `'${value === null ? 'None' : `${typeName(value)} object`}' has no attribute '${str(name)}'`
    return orElse(ownAttribute(value, str(name)), () => new Undefined(missing))
  },
  map,
  reject: picking(false, false),
  rejectattr: picking(false, true),
  select: picking(true, false),
  selectattr: picking(true, true),
}
