/** Telling JSON objects from the rest of what JSON may hold. */

/** The value as an object; undefined for anything else, arrays and null included. */
export function asRecord(value: unknown): Record<string, unknown> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined
}
