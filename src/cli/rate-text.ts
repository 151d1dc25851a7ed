import type { GenerateStats } from '../api/types.js'

/** `34.5 tokens/s`: how fast an answer was decoded, its prompt not counted. */
export function rateText({ tokens, decodeMs }: Pick<GenerateStats, 'tokens' | 'decodeMs'>): string {
  const rate = decodeMs > 0 ? (1000 * tokens) / decodeMs : 0
  return `${rate.toFixed(1)} tokens/s`
}
