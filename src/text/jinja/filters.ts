/** jinja2's filters by name. */
import { LIST_FILTERS } from './list-filters.js'
import { NUMBER_FILTERS } from './number-filters.js'
import { pickingFilters } from './picking-filters.js'
import { TEXT_FILTERS } from './text-filters.js'
import { tojson } from './tojson.js'
import { TemplateError, type Call } from './values.js'

const FILTERS = new Map<string, Call>(
  Object.entries({ ...TEXT_FILTERS, ...LIST_FILTERS, ...NUMBER_FILTERS, ...pickingFilters(filter), tojson }),
)

/** Its first argument is the value that is filtered. Throws `TemplateError` for one that is not known. */
export function filter(name: string): Call {
  const found = FILTERS.get(name)
  if (!found) throw new TemplateError(`no filter named '${name}' is known here`)
  return found
}
