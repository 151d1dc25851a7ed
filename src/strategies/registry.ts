/** Strategies by name: those of `plugins/`, and a caller's own beside them. */
import { InvalidArgumentError } from '../spec/errors.js'

export type Registry<T> = ReadonlyMap<string, T>

export function registryOf<T extends { readonly name: string }>(entries: readonly T[]): Registry<T> {
  return new Map(entries.map((entry) => [entry.name, entry]))
}

/**
 * A registry with a caller's own entries, which `option` brought. Throws `InvalidArgumentError` naming the one whose
 * name is taken or that lacks one of the functions an entry must have.
 */
export function withOwn<T extends { readonly name: string }>(
  registry: Registry<T>,
  own: readonly T[],
  option: string,
  functions: readonly (keyof T & string)[],
): Registry<T> {
  const all = new Map(registry)
  for (const [i, entry] of own.entries()) {
    const param = `${option}[${i}]`
    if (typeof entry?.name !== 'string' || entry.name === '')
      throw new InvalidArgumentError(`${param}.name`, `${param}.name must be a non-empty string; requests ask by it`)
    for (const field of functions)
      if (typeof entry[field] !== 'function')
        throw new InvalidArgumentError(`${param}.${field}`, `${param}.${field} must be a function; see docs/plugins.md`)
    if (all.has(entry.name))
      throw new InvalidArgumentError(
        `${param}.name`,
        `${param}.name "${entry.name}" is taken; give it another name than ${[...all.keys()].join(', ')}`,
      )
    all.set(entry.name, entry)
  }
  return all
}
