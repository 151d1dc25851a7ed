/** `value.name` and `value[key]` as jinja2's sandbox looks them up: attribute first, or item first. */
import { equals } from './compare.js'
import { itemOf } from './operators.js'
import { repr } from './print.js'
import { textMethod } from './text-methods.js'
import { bind } from './arguments.js'
import {
  isDict,
  isNumeric,
  Markup,
  Native,
  orElse,
  TemplateError,
  Tuple,
  typeName,
  Undefined,
  View,
  type Call,
  type Dict,
  type Value,
} from './values.js'

/** `value.name`: a method wins over a member of a dict that has its name. */
export function attributeOf(value: Value, name: string): Value {
  if (value instanceof Undefined) throw new TemplateError(value.hint)
  const looked = name.startsWith('_') ? undefined : ownAttribute(value, name)
  return orElse(looked, () =>
    orElse(itemOf(value, name), () => orElse(ownAttribute(value, name), () => missing(value, name))),
  )
}

/** `value[key]`: a dict's member wins over its method. */
export function subscript(value: Value, key: Value): Value {
  const item = itemOf(value, key)
  if (item !== undefined) return item
  return orElse(typeof key === 'string' ? ownAttribute(value, key) : undefined, () => missing(value, key))
}

function missing(value: Value, key: Value): Undefined {
  const owner = value === null ? 'None' : `${typeName(value)} object`
  return new Undefined(`'${owner}' has no ${typeof key === 'string' ? 'attribute' : 'element'} ${repr(key)}`)
}

/** The attribute alone, undefined where Python has none. */
export function ownAttribute(value: Value, name: string): Value | undefined {
  if (name.startsWith('_'))
    return new Undefined(`access to attribute '${name}' of '${typeName(value)}' object is unsafe.`)
  if (value instanceof Native) return value.parts.attribute?.(name)
  const call = methodOf(value, name)
  return call && new Native('builtin_function_or_method', { call })
}

function methodOf(value: Value, name: string): Call | undefined {
  if (typeof value === 'string') return textMethod(value, name)
  if (isDict(value)) return dictMethod(value, name)
  if (Array.isArray(value)) return listMethod(value, name)
  if (value instanceof Tuple) return searches(value.items, name)
  if (value instanceof Markup || (isNumeric(value) && NUMBER_MEMBERS.has(name)))
    throw new TemplateError(`the attribute ${name} of ${typeName(value)} is not known here`)
  return undefined
}

function dictMethod(dict: Dict, name: string): Call | undefined {
  const none =
    (run: () => Value): Call =>
    (args, named) => (bind(name, [], args, named), run())
  switch (name) {
    case 'items':
      return none(
        () =>
          new View(
            'dict_items',
            dict.entries().map((entry) => new Tuple(entry)),
          ),
      )
    case 'keys':
      return none(() => new View('dict_keys', dict.keys()))
    case 'values':
      return none(() => new View('dict_values', dict.values()))
    case 'copy':
      return none(() => dict)
    case 'get':
      return (args, named) => {
        const [key = null, otherwise = null] = bind(name, ['key', 'default'], args, named, 1)
        return orElse(dict.get(key), () => otherwise)
      }
    case 'clear':
    case 'pop':
    case 'popitem':
    case 'setdefault':
    case 'update':
      return changes(dict, name)
    case 'fromkeys':
      throw new TemplateError('the method dict.fromkeys is not known here')
  }
  return undefined
}

function listMethod(list: Value[], name: string): Call | undefined {
  if (name === 'copy') return (args, named) => (bind(name, [], args, named), list)
  const changing = ['append', 'clear', 'extend', 'insert', 'pop', 'remove', 'reverse', 'sort']
  return changing.includes(name) ? changes(list, name) : searches(list, name)
}

function searches(items: readonly Value[], name: string): Call | undefined {
  if (name === 'count')
    return (args, named) => {
      const [value = null] = bind(name, ['value'], args, named, 1)
      return BigInt(items.filter((item) => equals(item, value)).length)
    }
  if (name !== 'index') return undefined
  return (args, named) => {
    const [value = null] = bind(name, ['value'], args, named, 1)
    const at = items.findIndex((item) => equals(item, value))
    if (at < 0) throw new TemplateError(`${repr(value)} is not in list`)
    return BigInt(at)
  }
}

/** What Python's numbers have, and texts, lists and dicts have not. */
const NUMBER_MEMBERS = new Set([
  'as_integer_ratio',
  'bit_count',
  'bit_length',
  'conjugate',
  'denominator',
  'from_bytes',
  'fromhex',
  'hex',
  'imag',
  'is_integer',
  'numerator',
  'real',
  'to_bytes',
])

/** The sandbox that chat templates are rendered in lets nothing be changed. */
const changes =
  (value: Value, name: string): Call =>
  () => {
    throw new TemplateError(`access to attribute '${name}' of '${typeName(value)}' object is unsafe.`)
  }
