/** Typed arrays of one kind end to end, in a new one: rows to a matrix, parts of a pass to the pass. */
export function joined<T extends Int32Array | Float32Array>(kind: { new (length: number): T }, parts: readonly T[]): T {
  const whole = new kind(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}
