/** Rows of cells as lines of text whose columns stand below each other. */

/**
 * Columns are as wide as their widest cell and two spaces apart; `right`: the numbers of those that end at the same
 * place, as figures do. Lines have no spaces at their end.
 */
export function textTable(rows: readonly (readonly string[])[], right: (column: number) => boolean): string[] {
  const widths: number[] = []
  for (const row of rows) row.forEach((cell, i) => (widths[i] = Math.max(widths[i] ?? 0, cell.length)))
  const padded = (cell: string, i: number): string => (right(i) ? cell.padStart(widths[i]) : cell.padEnd(widths[i]))
  return rows.map((row) => row.map(padded).join('  ').trimEnd())
}
