/**
 * Objects whose members keep the order they were given in. JavaScript lists names that are whole numbers first, in
 * ascending order, whatever order they came in.
 */

/**
 * An object of these members; of equal names the last value counts, at the place of the first. Where JavaScript would
 * list the names otherwise it is a proxy that lists them as given: `Object.keys`, `Object.entries`, `for in` and
 * `JSON.stringify` keep to that; a copy by spreading does not. Not to be changed afterwards.
 */
export function ordered<T>(entries: readonly (readonly [string, T])[]): Record<string, T> {
  const members = new Map(entries)
  const plain = Object.fromEntries(members)
  const names = [...members.keys()]
  const kept = Object.keys(plain).every((name, i) => name === names[i])
  return kept ? plain : new Proxy(plain, { ownKeys: () => names })
}

/** The same object with every member's value changed. */
export function mapMembers<T>(object: object, change: (value: unknown, name: string) => T): Record<string, T> {
  return ordered(Object.entries(object).map(([name, value]) => [name, change(value, name)] as const))
}
