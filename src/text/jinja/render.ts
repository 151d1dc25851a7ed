/** Statements to text. */
import { argumentsOf, call, evaluate } from './evaluate.js'
import { filter } from './filters.js'
import { Loop } from './loop.js'
import { macro } from './macro.js'
import { str } from './print.js'
import { Scope } from './scope.js'
import type { Body, Filters, Statement, Target } from './syntax.js'
import { isTrue, iterate, Native, Stream, TemplateError, typeName, type Value } from './values.js'

/** Why a body ended before its end. */
type Exit = 'break' | 'continue' | null

/** Throws `TemplateError` for what Python would raise. */
export function renderBody(body: Body, scope: Scope): string {
  const out: string[] = []
  run(body, scope, out)
  return out.join('')
}

function run(body: Body, scope: Scope, out: string[]): Exit {
  for (const statement of body) {
    const exit = runOne(statement, scope, out)
    if (exit) return exit
  }
  return null
}

function runOne(statement: Statement, scope: Scope, out: string[]): Exit {
  switch (statement.type) {
    case 'data':
      out.push(statement.text)
      return null
    case 'print':
      out.push(str(evaluate(statement.value, scope)))
      return null
    case 'if': {
      const branch = statement.branches.find(({ test }) => isTrue(evaluate(test, scope)))
      return run(branch ? branch.body : statement.otherwise, scope, out)
    }
    case 'for':
      runLoop(statement, scope, evaluate(statement.over, scope), 0, out)
      return null
    case 'break':
    case 'continue':
      return statement.type
    case 'set':
      assign(statement.target, evaluate(statement.value, scope), scope)
      return null
    case 'capture':
      assign(statement.target, filtered(statement.filters, renderBody(statement.body, new Scope(scope)), scope), scope)
      return null
    case 'macro':
      scope.set(statement.name, macro(statement.name, statement.parameters, statement.body, scope, renderBody))
      return null
    case 'call': {
      const [args, named] = argumentsOf(statement.call.args, scope)
      named.set('caller', macro('caller', statement.parameters, statement.body, scope, renderBody))
      out.push(str(call(evaluate(statement.call.callee, scope), args, named)))
      return null
    }
    case 'filter':
      out.push(str(filtered(statement.filters, renderBody(statement.body, new Scope(scope)), scope)))
      return null
    case 'with': {
      const inner = new Scope(scope)
      const values = statement.sets.map(({ value }) => evaluate(value, scope))
      statement.sets.forEach(({ target }, i) => assign(target, values[i], inner))
      return run(statement.body, inner, out)
    }
    case 'scope':
      return run(statement.body, new Scope(scope), out)
  }
}

function runLoop(
  statement: Statement & { type: 'for' },
  scope: Scope,
  over: Value,
  depth: number,
  out: string[],
): void {
  const { target, test, body, otherwise } = statement
  const recurse = ([inner]: readonly Value[]): Value => {
    const text: string[] = []
    runLoop(statement, scope, inner, depth + 1, text)
    return text.join('')
  }
  const picked = test ? new Stream(picking(statement, scope, over)) : over
  const loop = new Loop(picked, depth, statement.recursive ? recurse : undefined)
  let empty = true
  for (let item = loop.advance(); item !== undefined; item = loop.advance()) {
    empty = false
    const inner = new Scope(scope)
    inner.set('loop', loop.view)
    assign(target, item, inner)
    if (run(body, inner, out) === 'break') break
  }
  if (empty) run(otherwise, new Scope(scope), out)
}

/** The items for which the loop's `if` holds. */
function* picking({ target, test }: Statement & { type: 'for' }, scope: Scope, over: Value): Generator<Value> {
  for (const item of iterate(over)) {
    const inner = new Scope(scope)
    assign(target, item, inner)
    if (!test || isTrue(evaluate(test, inner))) yield item
  }
}

function filtered(filters: Filters, text: string, scope: Scope): Value {
  return filters.reduce<Value>((value, { name, args }) => {
    const [positional, named] = argumentsOf(args, scope)
    return filter(name)([value, ...positional], named)
  }, text)
}

function assign(target: Target, value: Value, scope: Scope): void {
  if (target.type === 'name') scope.set(target.name, value)
  else if (target.type === 'member') {
    const namespace = scope.get(target.namespace)
    if (!(namespace instanceof Native) || !namespace.parts.assign)
      throw new TemplateError('cannot assign attribute on non-namespace object')
    namespace.parts.assign(target.name, value)
  } else {
    const items = [...iterate(value)]
    if (items.length !== target.items.length)
      throw new TemplateError(`${target.items.length} names for the ${items.length} parts of a ${typeName(value)}`)
    target.items.forEach((inner, i) => assign(inner, items[i], scope))
  }
}
