/** The acceptance vectors that a checkpoint of ours brings in its metadata. */
import type { ModelManifest } from '../manifest.js'

/** Reads `sequoia.acceptance.{target,greedy,sampled}`; undefined where they are absent or no probabilities. */
export function acceptanceOf(metadata: Readonly<Record<string, unknown>>): ModelManifest['acceptance'] {
  const target = metadata['sequoia.acceptance.target']
  const greedy = probabilities(metadata['sequoia.acceptance.greedy'])
  const sampled = probabilities(metadata['sequoia.acceptance.sampled'])
  return typeof target === 'string' && greedy && sampled ? { target, greedy, sampled } : undefined
}

function probabilities(value: unknown): number[] | undefined {
  const isVector = Array.isArray(value) && value.length > 0 && value.every((p) => typeof p === 'number' && p >= 0 && p <= 1)
  return isVector ? value : undefined
}
