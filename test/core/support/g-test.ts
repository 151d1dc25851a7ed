/**
 * G-test of observed counts against a law: its statistic as a standard normal score (Wilson-Hilferty). A true law
 * passes a score of 5 but for one time in three million; cells with less than 5 expected are pooled.
 */
export const ALARM = 5

export function gScore(counts: ArrayLike<number>, law: ArrayLike<number>): number {
  const draws = Array.from(counts).reduce((sum, count) => sum + count, 0)
  let statistic = 0
  let cells = 0
  let pooledCount = 0
  let pooledExpected = 0
  for (let x = 0; x < law.length; x++) {
    if (law[x] === 0 && counts[x] > 0) return Infinity
    const expected = law[x] * draws
    if (expected >= 5) {
      statistic += counts[x] > 0 ? 2 * counts[x] * Math.log(counts[x] / expected) : 0
      cells++
    } else {
      pooledCount += counts[x]
      pooledExpected += expected
    }
  }
  if (pooledExpected > 0) {
    statistic += pooledCount > 0 ? 2 * pooledCount * Math.log(pooledCount / pooledExpected) : 0
    cells++
  }
  const degrees = cells - 1
  if (degrees < 1) return 0
  const spread = 2 / (9 * degrees)
  return (Math.cbrt(Math.max(statistic, 0) / degrees) - (1 - spread)) / Math.sqrt(spread)
}
