/**
 * The core's functions in plain TypeScript, for comparison: same rules, typed arrays, no wasm. Not part of the product.
 */

const ROTATIONS = [13, 15, 26, 6, 17, 29, 16, 24]

/** [2] words of Threefry-2x32-20. */
export function threefry(k0: number, k1: number, c0: number, c1: number, out: Uint32Array): void {
  const keys = [k0, k1, 0x1bd11bda ^ k0 ^ k1]
  let a = (c0 + k0) | 0
  let b = (c1 + k1) | 0
  for (let round = 0; round < 20; round++) {
    const r = ROTATIONS[round & 7]
    a = (a + b) | 0
    b = ((b << r) | (b >>> (32 - r))) ^ a
    if ((round & 3) === 3) {
      const i = (round + 1) >> 2
      a = (a + keys[i % 3]) | 0
      b = (b + keys[(i + 1) % 3] + i) | 0
    }
  }
  out[0] = a
  out[1] = b
}

/** weights <- exp((logit - max) / temperature); returns their sum. */
export function softmax(logits: Float32Array, temperature: number, weights: Float32Array): number {
  let most = -Infinity
  for (let x = 0; x < logits.length; x++) if (logits[x] > most) most = logits[x]
  let total = 0
  for (let x = 0; x < logits.length; x++) {
    const w = Math.exp((logits[x] - most) / temperature)
    weights[x] = w
    total += w
  }
  return total
}

/** softmax, then only the likeliest tokens that hold `topP` of it. */
export function nucleus(logits: Float32Array, temperature: number, topP: number, weights: Float32Array): number {
  const total = softmax(logits, temperature, weights)
  const bound = ((1 - topP) * total) / logits.length
  const kept: number[] = []
  for (let x = 0; x < weights.length; x++) if (weights[x] >= bound) kept.push(x)
  kept.sort((a, b) => weights[b] - weights[a] || a - b)
  let sum = 0
  const stay: [number, number][] = []
  for (let i = 0; i < kept.length && sum < topP * total; i++) {
    stay.push([kept[i], weights[kept[i]]])
    sum += weights[kept[i]]
  }
  weights.fill(0)
  for (const [x, w] of stay) weights[x] = w
  return sum
}

/** The k first of the exponential race (Gumbel top-k), in order. */
export function gumbelTopK(
  logits: Float32Array,
  temperature: number,
  k: number,
  position: number,
  weights: Float32Array,
): number[] {
  softmax(logits, temperature, weights)
  const words = new Uint32Array(2)
  const times: number[] = []
  const tokens: number[] = []
  for (let block = 0; block < logits.length; block += 8) {
    for (let lane = 0; lane < 4; lane++) {
      threefry(1, 2, position, (block >> 1) + lane, words)
      for (let word = 0; word < 2; word++) {
        const x = block + lane + 4 * word
        if (x >= logits.length || weights[x] === 0) continue
        const u = (words[word] + 0.5) / 2 ** 32
        if (tokens.length === k && u >= weights[x] * times[k - 1]) continue
        const time = -Math.log1p(-u) / weights[x]
        if (tokens.length === k && time >= times[k - 1]) continue
        let i = tokens.length < k ? tokens.length : k - 1
        for (; i > 0 && times[i - 1] > time; i--) {
          times[i] = times[i - 1]
          tokens[i] = tokens[i - 1]
        }
        times[i] = time
        tokens[i] = x
      }
    }
  }
  return tokens
}

/** residual <- max(p / sum - q / qSum, 0); returns its sum: one rejection of Sequoia's rule. */
export function subtract(residual: Float64Array, sum: number, q: Float32Array, qSum: number): number {
  let left = 0
  for (let x = 0; x < residual.length; x++) {
    residual[x] = Math.max(residual[x] / sum - q[x] / qSum, 0)
    left += residual[x]
  }
  return left
}

/** F(m, d) as [depth + 1][nodes + 1], by the plain recurrence. */
export function plan(acceptance: Float64Array, nodes: number, depth: number): Float64Array[] {
  const tables = [Float64Array.from({ length: nodes + 1 }, (_, m) => (m === 1 ? 1 : -Infinity))]
  for (let d = 1; d <= depth; d++) {
    const below = tables[d - 1]
    let group = new Float64Array(nodes + 1).fill(-Infinity)
    group[0] = 0
    for (let rank = acceptance.length - 1; rank >= 0; rank--) {
      const next = group
      group = new Float64Array(nodes + 1).fill(-Infinity)
      group[0] = 0
      for (let n = 1; n < nodes; n++) {
        let best = -Infinity
        for (let s = 1; s <= n; s++) {
          const worth = acceptance[rank] * below[s] + next[n - s]
          if (worth > best) best = worth
        }
        group[n] = best
      }
    }
    tables.push(Float64Array.from({ length: nodes + 1 }, (_, m) => (m === 0 ? -Infinity : 1 + group[m - 1])))
  }
  return tables
}
