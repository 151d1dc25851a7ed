/** Small statistics for benchmark tables. */

export function median(values: readonly number[]): number {
  return quantile(values, 0.5)
}

/** Linear interpolation between order statistics; `q` in 0..1. */
export function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  const at = (sorted.length - 1) * q
  const low = Math.floor(at)
  return sorted[low] + (at - low) * ((sorted[low + 1] ?? sorted[low]) - sorted[low])
}

/** "median (min to max)" with the given number of decimals. */
export function spread(values: readonly number[], decimals = 2): string {
  return (
    `${median(values).toFixed(decimals)} (${Math.min(...values).toFixed(decimals)} to ` +
    `${Math.max(...values).toFixed(decimals)})`
  )
}
