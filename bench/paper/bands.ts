/**
 * Means with 95 % bands: the bootstrap over prompts, since positions of one answer are alike. The same numbers in every
 * run.
 */
import { quantile } from '../stats.js'
import { uniforms } from '../uniforms.js'

const RESAMPLES = 1000
const SEED = 29

export interface Band {
  mean: number
  low: number
  high: number
}

/** A value and the prompt that it belongs to. */
export interface Sample {
  prompt: number
  value: number
}

export function bandOf(samples: readonly Sample[]): Band {
  const sums = new Map<number, { sum: number; count: number }>()
  for (const { prompt, value } of samples) {
    const group = sums.get(prompt) ?? { sum: 0, count: 0 }
    sums.set(prompt, { sum: group.sum + value, count: group.count + 1 })
  }
  const groups = [...sums.values()]
  const meanOf = (chosen: typeof groups): number =>
    chosen.reduce((all, { sum }) => all + sum, 0) / chosen.reduce((all, { count }) => all + count, 0)
  const random = uniforms(SEED)
  const means = Array.from({ length: RESAMPLES }, () =>
    meanOf(groups.map(() => groups[Math.floor(random() * groups.length)])),
  )
  return { mean: meanOf(groups), low: quantile(means, 0.025), high: quantile(means, 0.975) }
}
