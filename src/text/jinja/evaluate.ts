/** Values of expressions. */
import { contains, equals, order } from './compare.js'
import {
  Dict,
  isDict,
  isTrue,
  iterate,
  Native,
  orElse,
  TemplateError,
  Tuple,
  typeName,
  Undefined,
  type Value,
} from './values.js'
import { filter } from './filters.js'
import { attributeOf, subscript } from './members.js'
import { calculate, negate, sliceOf } from './operators.js'
import { str } from './print.js'
import type { Scope } from './scope.js'
import type { Arguments, Expression } from './syntax.js'
import { passes } from './tests.js'

/** Throws `TemplateError` for what Python would raise. */
export function evaluate(expression: Expression, scope: Scope): Value {
  const of = (inner: Expression): Value => evaluate(inner, scope)
  switch (expression.type) {
    case 'constant':
      return expression.value
    case 'name':
      return orElse(scope.get(expression.name), () => new Undefined(`'${expression.name}' is undefined`))
    case 'list':
      return expression.items.map(of)
    case 'tuple':
      return new Tuple(expression.items.map(of))
    case 'dict':
      return new Dict(expression.entries.map(({ key, value }) => [of(key), of(value)]))
    case 'attribute':
      return attributeOf(of(expression.of), expression.name)
    case 'item':
      return subscript(of(expression.of), of(expression.key))
    case 'slice': {
      const [start, stop, step] = [expression.start, expression.stop, expression.step].map((part) => part && of(part))
      const value = of(expression.of)
      const hint = `'${typeName(value)} object' has no such slice`
      return orElse(sliceOf(value, start, stop, step), () => new Undefined(hint))
    }
    case 'call': {
      const callee = of(expression.callee)
      return call(callee, ...argumentsOf(expression.args, scope))
    }
    case 'filter': {
      const value = of(expression.of)
      const [args, named] = argumentsOf(expression.args, scope)
      return filter(expression.name)([value, ...args], named)
    }
    case 'test': {
      const value = of(expression.of)
      const [args] = argumentsOf(expression.args, scope)
      return passes(expression.name, value, args) !== expression.negated
    }
    case 'unary': {
      const value = of(expression.of)
      return expression.operator === 'not' ? !isTrue(value) : negate(value, expression.operator)
    }
    case 'binary':
      return calculate(expression.operator, of(expression.left), of(expression.right))
    case 'concat':
      return expression.parts.map((part) => str(of(part))).join('')
    case 'logic': {
      const left = of(expression.left)
      return isTrue(left) === (expression.operator === 'and') ? of(expression.right) : left
    }
    case 'compare':
      return compare(expression, of)
    case 'choice':
      if (isTrue(of(expression.test))) return of(expression.value)
      if (expression.otherwise) return of(expression.otherwise)
      return new Undefined('the inline if-expression evaluated to false and no else section was defined.')
  }
}

/** A chain holds if each link does; the links after one that does not are not looked at. */
function compare({ first, rest }: Expression & { type: 'compare' }, of: (inner: Expression) => Value): boolean {
  let left = of(first)
  for (const { operator, value } of rest) {
    const right = of(value)
    if (!holds(operator, left, right)) return false
    left = right
  }
  return true
}

function holds(operator: string, left: Value, right: Value): boolean {
  switch (operator) {
    case '==':
      return equals(left, right)
    case '!=':
      return !equals(left, right)
    case 'in':
      return contains(right, left)
    case 'not in':
      return !contains(right, left)
    case '<':
      return order(left, right, operator) < 0
    case '<=':
      return order(left, right, operator) <= 0
    case '>':
      return order(left, right, operator) > 0
  }
  return order(left, right, operator) >= 0
}

export function call(callee: Value, args: readonly Value[], named: ReadonlyMap<string, Value>): Value {
  if (callee instanceof Undefined) throw new TemplateError(callee.hint)
  if (callee instanceof Native && callee.parts.call) return callee.parts.call(args, named)
  throw new TemplateError(`'${typeName(callee)}' object is not callable`)
}

export function argumentsOf(args: Arguments, scope: Scope): [args: Value[], named: Map<string, Value>] {
  const positional = args.positional.map((part) => evaluate(part, scope))
  const named = new Map(args.named.map(({ name, value }) => [name, evaluate(value, scope)]))
  if (args.spread) positional.push(...iterate(evaluate(args.spread, scope)))
  if (args.spreadNamed) {
    const values = evaluate(args.spreadNamed, scope)
    if (!isDict(values)) throw new TemplateError('argument after ** must be a mapping')
    for (const [name, value] of values.entries()) named.set(str(name), value)
  }
  return [positional, named]
}
