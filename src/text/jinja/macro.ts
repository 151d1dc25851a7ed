/** Macros, and the `caller` of a `{% call %}` block. */
import { evaluate } from './evaluate.js'
import { Dict, Native, orElse, TemplateError, Tuple, Undefined, type Value } from './values.js'
import { Scope } from './scope.js'
import { readsName, type Body, type Parameter } from './syntax.js'

/** A function that renders the body with its arguments as variables, in a scope within `scope`. */
export function macro(
  name: string,
  parameters: readonly Parameter[],
  body: Body,
  scope: Scope,
  render: (body: Body, scope: Scope) => string,
): Native {
  const names = parameters.map((parameter) => parameter.name)
  const takes = (variable: string): boolean => !names.includes(variable) && readsName(body, variable)
  // As in jinja2, a macro takes these only where its body reads them.
  const [more, others, usesCaller] = [takes('varargs'), takes('kwargs'), takes('caller')]

  function call(args: readonly Value[], named: ReadonlyMap<string, Value>): Value {
    const inner = new Scope(scope)
    const left = new Map(named)
    parameters.forEach((parameter, i) => {
      const { name: variable, fallback } = parameter
      if (i < args.length && left.has(variable))
        throw new TemplateError(`macro '${name}' got multiple values for argument '${variable}'`)
      const given = i < args.length ? args[i] : left.get(variable)
      left.delete(variable)
      const missing = new Undefined(`parameter '${variable}' was not provided`)
      inner.set(
        variable,
        orElse(given, () => (fallback ? evaluate(fallback, inner) : missing)),
      )
    })
    if (usesCaller) {
      inner.set(
        'caller',
        orElse(left.get('caller'), () => new Undefined('No caller defined')),
      )
      left.delete('caller')
    }
    if (others) inner.set('kwargs', new Dict(left))
    else if (left.size > 0)
      throw new TemplateError(`macro '${name}' takes no keyword argument '${[...left.keys()][0]}'`)
    if (more) inner.set('varargs', new Tuple(args.slice(names.length)))
    else if (args.length > names.length)
      throw new TemplateError(`macro '${name}' takes not more than ${names.length} argument(s)`)
    return render(body, inner)
  }

  const attributes: Record<string, Value> = { name, arguments: new Tuple(names), caller: usesCaller }
  return new Native('Macro', { call, attribute: (attribute) => attributes[attribute] })
}
