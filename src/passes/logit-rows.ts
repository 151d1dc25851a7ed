/**
 * Rows of logits as everybody behind a pass reads them: as long as the target's vocabulary, and -infinity where the
 * head has a row but the tokenizer no token.
 */

/** How a pass leaves rows, and how they are to be read. */
export interface RowShape {
  /** Logits of a row as the pass writes it, and as it is read. */
  written: number
  read: number
  /** Ids without a token, ascending: padding of the head. */
  silent: Int32Array
}

/**
 * Brings `count` rows that lie end to end, [count, written], to [count, read] in the same memory. `rows`: as long as
 * both. A row that is read longer than it was written ends in -infinity; one that is read shorter loses its end.
 */
export function arrangeRows(rows: Float32Array, count: number, { written, read, silent }: RowShape): void {
  const kept = Math.min(written, read)
  const move = (row: number): void => {
    rows.copyWithin(row * read, row * written, row * written + kept)
    rows.fill(-Infinity, row * read + kept, (row + 1) * read)
  }
  // From the end where rows grow, so that none is written over before it is moved.
  if (read > written) for (let row = count - 1; row >= 0; row--) move(row)
  if (read < written) for (let row = 0; row < count; row++) move(row)
  if (silent.length === 0) return
  for (let row = 0; row < count; row++) for (const token of silent) rows[row * read + token] = -Infinity
}
