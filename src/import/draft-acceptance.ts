/** The acceptance vectors that a draft of ours brings in its metadata. */
import type { ModelManifest } from '../spec/manifest.js'

type Acceptance = NonNullable<ModelManifest['acceptance']>

/**
 * Reads `sequoia.acceptance.{target,greedy,sampled}`, and `levels` where there are several; undefined where they are
 * absent or no probabilities.
 */
export function acceptanceOf(metadata: Readonly<Record<string, unknown>>): Acceptance | undefined {
  const target = metadata['sequoia.acceptance.target']
  const levels = metadata['sequoia.acceptance.levels'] ?? 1
  const greedy = byLevel(metadata['sequoia.acceptance.greedy'], levels)
  const sampled = byLevel(metadata['sequoia.acceptance.sampled'], levels)
  return typeof target === 'string' && greedy && sampled ? { target, greedy, sampled } : undefined
}

/**
 * Splits `values` [levels * ranks] into [levels][ranks]; undefined where they are no probabilities or do not divide so.
 */
export function byLevel(values: unknown, levels: unknown): number[][] | undefined {
  const count = Number(levels)
  if (
    !Array.isArray(values) ||
    !Number.isInteger(count) ||
    count < 1 ||
    values.length === 0 ||
    values.length % count !== 0
  )
    return undefined
  if (!values.every((p) => typeof p === 'number' && p >= 0 && p <= 1)) return undefined
  const ranks = values.length / count
  return Array.from({ length: count }, (_, level) => values.slice(level * ranks, (level + 1) * ranks))
}
