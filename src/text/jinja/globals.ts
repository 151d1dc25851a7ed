/** What every template can call: jinja2's own functions, and the two that chat templates are given. */
import { strftime } from './dates.js'
import {
  Dict,
  asIndex,
  asText,
  isDict,
  iterate,
  Native,
  Range,
  TemplateError,
  Tuple,
  type Call,
  type Value,
} from './values.js'
import { str } from './print.js'
import { Scope } from './scope.js'
import { bind } from './arguments.js'

/** Longest range that jinja2's sandbox makes. */
const LONGEST_RANGE = 100_000

/** `now` is what `strftime_now` prints. */
export function globals(now: Date): Scope {
  const scope = new Scope()
  const functions: Record<string, Call> = {
    range,
    dict: (args, named) => dictOf(args, named),
    namespace: (args, named) => namespace(dictOf(args, named)),
    cycler,
    joiner,
    raise_exception: ([message = null]) => {
      throw new TemplateError(str(message))
    },
    strftime_now: ([format = null]) => strftime(now, asText(format, 'the format of strftime_now')),
  }
  for (const [name, call] of Object.entries(functions)) scope.set(name, new Native('function', { call }))
  return scope
}

const range: Call = (args, named) => {
  if (named.size > 0 || args.length === 0 || args.length > 3) throw new TemplateError('range takes 1 to 3 arguments')
  const [start, stop, step] = args.length === 1 ? [0n, args[0], 1n] : [args[0], args[1], args[2] ?? 1n]
  const [from, to, by] = [asIndex(start), asIndex(stop), asIndex(step)]
  if (by === 0) throw new TemplateError('range() arg 3 must not be zero')
  if ((to - from) / by > LONGEST_RANGE)
    throw new TemplateError(`Range too big. The sandbox blocks ranges larger than MAX_RANGE (${LONGEST_RANGE}).`)
  return new Range(from, to, by)
}

function dictOf(args: readonly Value[], named: ReadonlyMap<string, Value>): Dict {
  const [first] = bind('dict', ['mapping'], args, new Map())
  const entries = first === undefined ? [] : isDict(first) ? first.entries() : [...iterate(first)].map(asPair)
  return new Dict([...entries, ...named])
}

function asPair(item: Value): readonly [Value, Value] {
  const pair = item instanceof Tuple || Array.isArray(item) ? [...iterate(item)] : []
  if (pair.length !== 2) throw new TemplateError('dict() takes pairs of a key and a value')
  return [pair[0], pair[1]]
}

/** The one value that a template can change: `{% set ns.name = value %}`. */
function namespace(values: Dict): Native {
  return new Native('Namespace', {
    attribute: (name) => values.get(name),
    assign: (name, value) => values.set(name, value),
  })
}

const cycler: Call = (items, named) => {
  bind('cycler', [], [], named)
  if (items.length === 0) throw new TemplateError('at least one item has to be provided')
  let at = 0
  const method = (call: Call): Native => new Native('method', { call })
  return new Native('Cycler', {
    attribute: (name) => {
      if (name === 'current') return items[at]
      if (name === 'next')
        return method(() => {
          const item = items[at]
          at = (at + 1) % items.length
          return item
        })
      if (name === 'reset') return method(() => ((at = 0), null))
      return undefined
    },
  })
}

const joiner: Call = (args, named) => {
  const [separator = ', '] = bind('joiner', ['sep'], args, named)
  let used = false
  return new Native('Joiner', {
    call: () => {
      const text = used ? separator : ''
      used = true
      return text
    },
  })
}
