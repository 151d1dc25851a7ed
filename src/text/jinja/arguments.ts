/** Arguments of filters, methods and functions. */
import { TemplateError, type Call, type Value } from './values.js'

/**
 * Arguments by the order of `names`, those that were not given left undefined. Throws `TemplateError` for too many, for
 * unknown names, and where one of the first `required` is missing.
 */
export function bind(
  callee: string,
  names: readonly string[],
  args: readonly Value[],
  named: ReadonlyMap<string, Value>,
  required = 0,
): (Value | undefined)[] {
  if (args.length > names.length)
    throw new TemplateError(`${callee}() takes at most ${names.length} arguments (${args.length} given)`)
  const bound: (Value | undefined)[] = names.map((_, i) => args[i])
  for (const [name, value] of named) {
    const at = names.indexOf(name)
    if (at < 0) throw new TemplateError(`${callee}() got an unexpected keyword argument '${name}'`)
    if (at < args.length) throw new TemplateError(`${callee}() got multiple values for argument '${name}'`)
    bound[at] = value
  }
  const missing = names.slice(0, required).find((_, i) => bound[i] === undefined)
  if (missing !== undefined) throw new TemplateError(`${callee}() missing required argument: '${missing}'`)
  return bound
}

/** A function of one value and nothing else. */
export const ofOne =
  (name: string, run: (value: Value) => Value): Call =>
  (args, named) =>
    run(bind(name, ['value'], args, named, 1)[0] ?? null)
