/** jinja2's tests: what stands after `is`. */
import { contains, equals, identical, order } from './compare.js'
import { calculate } from './operators.js'
import { str } from './print.js'
import {
  isDict,
  isNumeric,
  iterate,
  Native,
  Range,
  TemplateError,
  Tuple,
  typeName,
  Undefined,
  type Value,
} from './values.js'

type Test = (value: Value, argument: Value) => boolean

const ofText =
  (change: (text: string) => string, other: (text: string) => string): Test =>
  (value) => {
    const text = str(value)
    return change(text) === text && other(text) !== text
  }
const upper = ofText(
  (text) => text.toUpperCase(),
  (text) => text.toLowerCase(),
)
const lower = ofText(
  (text) => text.toLowerCase(),
  (text) => text.toUpperCase(),
)
const leaves = (value: Value, divisor: Value, rest: bigint): boolean => equals(calculate('%', value, divisor), rest)

const ALONE = new Map<string, Test>(
  Object.entries({
    boolean: (value: Value) => typeof value === 'boolean',
    callable: (value: Value) => value instanceof Native && value.parts.call !== undefined,
    defined: (value: Value) => !(value instanceof Undefined),
    even: (value: Value) => leaves(value, 2n, 0n),
    false: (value: Value) => value === false,
    float: (value: Value) => typeof value === 'number',
    integer: (value: Value) => typeof value === 'bigint',
    iterable: (value: Value) => isIterable(value),
    lower,
    mapping: (value: Value) => isDict(value),
    none: (value: Value) => value === null,
    number: (value: Value) => isNumeric(value),
    odd: (value: Value) => leaves(value, 2n, 1n),
    sequence: (value: Value) =>
      typeof value === 'string' ||
      Array.isArray(value) ||
      isDict(value) ||
      value instanceof Tuple ||
      value instanceof Range ||
      value instanceof Undefined,
    string: (value: Value) => typeof value === 'string' || typeName(value) === 'Markup',
    true: (value: Value) => value === true,
    undefined: (value: Value) => value instanceof Undefined,
    upper,
  }),
)

const compared =
  (operator: string, holds: (order: number) => boolean): Test =>
  (a, b) =>
    holds(order(a, b, operator))
const less = compared('<', (order) => order < 0)
const most = compared('<=', (order) => order <= 0)
const greater = compared('>', (order) => order > 0)
const least = compared('>=', (order) => order >= 0)
const different: Test = (a, b) => !equals(a, b)

const WITH_ARGUMENT = new Map<string, Test>([
  ['divisibleby', (value, divisor) => leaves(value, divisor, 0n)],
  ['in', (value, container) => contains(container, value)],
  ['sameas', identical],
  ...['eq', 'equalto', '=='].map((name) => [name, equals] as const),
  ...['ne', '!='].map((name) => [name, different] as const),
  ...['lt', 'lessthan', '<'].map((name) => [name, less] as const),
  ...['le', '<='].map((name) => [name, most] as const),
  ...['gt', 'greaterthan', '>'].map((name) => [name, greater] as const),
  ...['ge', '>='].map((name) => [name, least] as const),
])

/** Throws `TemplateError` for a test that is not known, and for a wrong number of arguments. */
export function passes(name: string, value: Value, args: readonly Value[]): boolean {
  const alone = ALONE.get(name)
  const test = alone ?? WITH_ARGUMENT.get(name)
  if (!test) throw new TemplateError(`no test named '${name}' is known here`)
  if (args.length !== (alone ? 0 : 1))
    throw new TemplateError(`the test '${name}' takes ${alone ? 'no argument' : 'one argument'}; got ${args.length}`)
  return test(value, args[0] ?? null)
}

function isIterable(value: Value): boolean {
  try {
    iterate(value)
    return true
  } catch {
    return false
  }
}
