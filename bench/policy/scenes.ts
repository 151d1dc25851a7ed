/** What the policy is replayed in: made-up machines, loads, and texts whose drafts are accepted as was measured. */
import { readFileSync } from 'node:fs'
import type { PassTimes } from '../../src/speculation/pass-times.js'

/** Children of a node that vectors tell of. */
const RANKS = 8
export const LIMITS = { maxNodes: 64, maxRows: 128, maxDepth: 12 }
/** Of bookkeeping in a step, and of one pass of the draft for up to a dozen rows: SmolLM2's. */
export const OVERHEAD_MS = 0.2
const LEVEL_MS = 1.5

/** A pass of SmolLM2: where more rows cost little up to eight, and where they cost from the second on. */
export const MACHINES: Readonly<Record<string, PassTimes>> = {
  'cheap rows': { rows: [1, 2, 4, 8, 16, 32, 128], baseMs: [12, 12.6, 13.5, 16, 23, 40, 140], slotMs: zeros(7) },
  'dear rows': { rows: [1, 2, 4, 8, 16, 32, 128], baseMs: [17, 20, 26, 38, 62, 112, 420], slotMs: zeros(7) },
}
export const LOADS = [1, 4, 16]

export type Kind = 'greedy' | 'T=0.8'
export const KINDS: readonly Kind[] = ['greedy', 'T=0.8']
export type Vectors = readonly Float64Array[]

export interface Scene {
  machine: string
  times: PassTimes
  kind: Kind
  vectors: Vectors
  /** Texts that decode together. */
  among: number
  /** Times as long as the profile says that steps with trees take. Where that is not 1, a step in 50 is disturbed. */
  slower: number
}

export function zeros(count: number): number[] {
  return Array.from({ length: count }, () => 0)
}

/** [level][rank], as measured with the draft. */
function measured(): Record<Kind, Vectors> {
  const path = new URL('../../models/smollm2-135m-draft/acceptance.json', import.meta.url)
  const read = JSON.parse(readFileSync(path, 'utf8')) as Record<Kind, number[][]>
  const cut = (levels: number[][]): Vectors => levels.map((level) => Float64Array.from(level.slice(0, RANKS)))
  return { greedy: cut(read.greedy), 'T=0.8': cut(read['T=0.8']) }
}

/** Every machine, kind of text and load. */
export function scenes(slower = 1): Scene[] {
  const vectors = measured()
  return Object.entries(MACHINES).flatMap(([machine, times]) =>
    KINDS.flatMap((kind) => LOADS.map((among) => ({ machine, times, kind, vectors: vectors[kind], among, slower }))),
  )
}

export const draftMs = (depth: number, widths: readonly number[]): number =>
  widths.slice(0, depth).reduce((sum, width) => sum + LEVEL_MS * Math.max(1, width / 12), 0)

/** Of reading what the draft has not read, beyond what its first pass takes anyhow. */
export const readMs = (unread: number): number => LEVEL_MS * Math.max(0, unread / 12 - 1)

/** How often a step of a disturbed scene takes how much longer: another process had the processor. */
const DISTURBED = { share: 0.02, times: 5 }

/** Milliseconds as they come out: up to a tenth more or less. */
export function noisy(ms: number, { slower }: Scene, random: () => number): number {
  const isDisturbed = slower !== 1 && random() < DISTURBED.share
  return ms * (0.9 + 0.2 * random()) * (isDisturbed ? DISTURBED.times : 1)
}

export function samplingOf(kind: Kind): { temperature: number; topK: number; topP: number; minP: number } {
  return { temperature: kind === 'greedy' ? 0 : 0.8, topK: 0, topP: 1, minP: 0 }
}
