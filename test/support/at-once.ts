/** Runs work that yields for others' turns to its end. */
export function atOnce<T>(work: Generator<unknown, T, unknown>): T {
  for (;;) {
    const { done, value } = work.next()
    if (done) return value
  }
}
