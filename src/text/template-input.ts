/** Values of a request's own that a chat template reads: `chat_template_kwargs`, as Hugging Face calls them. */
import { asRecord } from '../common/record.js'
import { InvalidArgumentError } from '../spec/errors.js'
import { show } from '../spec/show.js'

/** JSON values by the names that the template reads. */
export type TemplateInput = Readonly<Record<string, unknown>>

/** What the template is given in any case, and what no request may change. */
const TAKEN = ['messages', 'tools', 'documents', 'add_generation_prompt']

/**
 * The values, `given` under `param`. `reads`: whether the template reads a name. Throws `InvalidArgumentError` naming
 * the value that is none of JSON's, that the template does not read, or that it is given otherwise.
 */
export function templateInput(param: string, given: unknown, reads: (name: string) => boolean): TemplateInput {
  const values = asRecord(given)
  if (!values) throw new InvalidArgumentError(param, `${param} must be an object of JSON values; got ${show(given)}`)
  for (const [name, value] of Object.entries(values)) {
    const at = `${param}.${name}`
    if (TAKEN.includes(name) || name.endsWith('_token'))
      throw new InvalidArgumentError(at, `${at} is what every template is given; leave it out`)
    if (!reads(name))
      throw new InvalidArgumentError(
        at,
        `${at} has no effect: the model's chat template does not read it; check its spelling or leave it out`,
      )
    if (!isJson(value)) throw new InvalidArgumentError(at, `${at} must be a JSON value; got ${show(value)}`)
  }
  return values
}

function isJson(value: unknown): boolean {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return true
  if (typeof value === 'number') return Number.isFinite(value)
  const inside = Array.isArray(value) ? value : isPlain(value) ? Object.values(value) : null
  return inside !== null && inside.every(isJson)
}

const isPlain = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && [Object.prototype, null].includes(Object.getPrototypeOf(value))
