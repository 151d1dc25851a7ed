/** Tests of fit for sampling: G-test with pooled small cells, and its critical value. */

/**
 * G statistic of observed counts against expected probabilities. Cells with an expected count below `least` are pooled
 * into one. Returns the statistic and its degrees of freedom.
 */
export function gTest(
  observed: ReadonlyMap<number, number>,
  expected: ReadonlyMap<number, number>,
  draws: number,
  least = 10,
): { g: number; df: number } {
  let g = 0
  let cells = 0
  let seen = 0
  let mass = 0
  for (const [cell, probability] of expected) {
    if (probability * draws < least) continue
    const count = observed.get(cell) ?? 0
    seen += count
    mass += probability
    cells += 1
    if (count > 0) g += 2 * count * Math.log(count / (probability * draws))
  }
  const rest = draws - seen
  const restExpected = Math.max(0, 1 - mass) * draws
  if (restExpected >= least) {
    cells += 1
    if (rest > 0) g += 2 * rest * Math.log(rest / restExpected)
  } else if (rest > restExpected + 12 * Math.sqrt(least)) g = Infinity
  return { g, df: cells - 1 }
}

/**
 * Upper quantile of chi-square for a one-sided normal quantile `z` (Wilson and Hilferty); z = 3.719 leaves 1e-4 above.
 */
export function chiSquareQuantile(df: number, z: number): number {
  const a = 2 / (9 * df)
  return df * (1 - a + z * Math.sqrt(a)) ** 3
}

/** One-sided normal quantile of 1e-4. */
export const Z = 3.719

/**
 * Probabilities of pairs of tokens by first * vocab + second, where `after` are the logits behind a first token; pairs
 * whose first token is expected fewer than ten times in `draws` are left to the pooled rest.
 */
export async function pairLaw(
  root: Float32Array,
  after: (first: number) => Promise<Float32Array>,
  { temperature, topP }: { temperature: number; topP: number },
  draws: number,
): Promise<Map<number, number>> {
  const law = new Map<number, number>()
  for (const [first, p] of softmaxReference(root, temperature, topP)) {
    if (p * draws < 10) continue
    for (const [second, q] of softmaxReference(await after(first), temperature, topP))
      law.set(first * root.length + second, p * q)
  }
  return law
}

/** Softmax with temperature and top-p, in float64, written apart from the product's. Returns token -> probability. */
export function softmaxReference(logits: Float32Array, temperature: number, topP: number): Map<number, number> {
  let most = -Infinity
  for (const x of logits) most = Math.max(most, x)
  const weights = Array.from(logits, (x, token) => ({ token, weight: Math.exp((x - most) / temperature) }))
  let total = weights.reduce((sum, { weight }) => sum + weight, 0)
  weights.sort((a, b) => b.weight - a.weight || a.token - b.token)
  let kept = weights.length
  if (topP < 1) {
    let sum = 0
    for (kept = 0; kept < weights.length && sum < topP * total; kept++) sum += weights[kept].weight
    total = sum
  }
  return new Map(weights.slice(0, kept).map(({ token, weight }) => [token, weight / total]))
}
