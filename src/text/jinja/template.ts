/**
 * Chat templates as jinja2 renders them with the settings of Hugging Face's `transformers`: a sandbox in which nothing
 * can be changed, `trim_blocks`, `lstrip_blocks`, no escaping, loop controls, `{% generation %}`, `tojson` without
 * escapes for HTML, `raise_exception` and `strftime_now`. What this knows it renders byte for byte alike; what it does
 * not know it refuses.
 */
import { toValue } from './convert.js'
import { globals } from './globals.js'
import { parse } from './parser.js'
import { renderBody } from './render.js'
import { Scope } from './scope.js'
import { readsName } from './syntax.js'

export { TemplateError } from './values.js'

export interface Template {
  /** Throws `TemplateError` for what jinja2 would raise or this does not know. `now`: what `strftime_now` prints. */
  render(values: Readonly<Record<string, unknown>>, now?: Date): string
  /** Whether any part of the template reads the variable. */
  reads(name: string): boolean
}

/** Throws `TemplateError` naming the line that cannot be read. */
export function compile(source: string): Template {
  const body = parse(source)
  return {
    render(values, now = new Date()) {
      const scope = globals(now)
      for (const [name, value] of Object.entries(values)) scope.set(name, toValue(value))
      return renderBody(body, new Scope(scope))
    },
    reads: (name) => readsName(body, name),
  }
}
