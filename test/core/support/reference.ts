/** The same functions once more, in plain float64 and written for reading: what the core is measured against. */
import type { Sampling } from '../../../src/core/types.js'

/** The law that a row of logits and its transforms stand for. */
export function softmax(logits: ArrayLike<number>, { temperature, topK, topP, minP }: Sampling): Float64Array {
  const order = Array.from(logits, (_, x) => x).sort((a, b) => logits[b] - logits[a] || a - b)
  if (temperature === 0) return Float64Array.from(logits, (_, x) => (x === order[0] ? 1 : 0))
  const highest = logits[order[0]]
  let kept = topK > 0 ? order.slice(0, topK) : order
  const weights = Float64Array.from(logits, (logit) => Math.exp((logit - highest) / temperature))
  const mass = kept.reduce((sum, x) => sum + weights[x], 0)
  let sum = 0
  kept = kept.filter((x, i) => {
    const keep = i === 0 || topP >= 1 || sum < topP * mass
    sum += keep ? weights[x] : 0
    return keep
  })
  kept = kept.filter((x) => weights[x] >= minP)
  const total = kept.reduce((all, x) => all + weights[x], 0)
  const law = new Float64Array(logits.length)
  for (const x of kept) law[x] = weights[x] / total
  return law
}

/** All ways to draw `k` tokens in order without replacement, with their chances. */
export function orderedDraws(law: ArrayLike<number>, k: number): { tokens: number[]; chance: number }[] {
  let ways = [{ tokens: [] as number[], chance: 1 }]
  for (let i = 0; i < k; i++) {
    ways = ways.flatMap(({ tokens, chance }) => {
      const left = Array.from(law).reduce((sum, p, x) => sum + (tokens.includes(x) ? 0 : p), 0)
      if (left <= 0) return [{ tokens, chance }]
      return Array.from(law, (p, x) => ({ tokens: [...tokens, x], chance: (chance * p) / left })).filter(
        (way) => way.chance > 0 && new Set(way.tokens).size === way.tokens.length,
      )
    })
  }
  return ways
}

/** All ways to draw `k` tokens with replacement. */
export function independentDraws(law: ArrayLike<number>, k: number): { tokens: number[]; chance: number }[] {
  let ways = [{ tokens: [] as number[], chance: 1 }]
  for (let i = 0; i < k; i++) {
    ways = ways.flatMap(({ tokens, chance }) =>
      Array.from(law, (p, x) => ({ tokens: [...tokens, x], chance: chance * p })).filter((way) => way.chance > 0),
    )
  }
  return ways
}
