/**
 * What the hosts decode. The "models" are whole-number generators that any language can write in five lines: a state is
 * hashed from the tokens so far, a row of logits [vocab] from the state, each logit a multiple of 2^-14 in [-8, 8), so
 * no rounding enters.
 */
import type { Sampling } from '../../src/core/types.js'

export interface Session {
  name: string
  rule: 'coupled' | 'sequoia'
  vocab: number
  /** Cache slots; the first `position` of them hold the prompt. */
  slots: number
  position: number
  /** The generator's state after the prompt. */
  state: number
  /** Noise key: the 64-bit seed in two words, low word first, and the choice. */
  seed: [number, number]
  choice: number
  sampling: Sampling
  draftSampling: Sampling
  /** [levels][ranks]: chance that the child of this rank is the accepted one. */
  acceptance: number[][]
  nodes: number
  depth: number
  /** Rounds of plan, draft, mask, verify, commit. */
  length: number
}

export const TARGET = 1
export const DRAFT = 2

const step = (state: number): number => (Math.imul(state, 1664525) + 1013904223) >>> 0

/** The state after one more token. */
export function after(state: number, token: number): number {
  return step((state ^ step(token)) >>> 0)
}

/** The logits that follow a state. Both models share three quarters of each logit, so that drafts are often right. */
export function logitsRow(state: number, model: number, vocab: number): Float32Array {
  let shared = state
  let own = step((state ^ model) >>> 0)
  return Float32Array.from({ length: vocab }, () => {
    shared = step(shared)
    own = step(own)
    return (3 * (shared >>> 16) + (own >>> 16) - 131072) / 16384
  })
}

const plain: Sampling = { temperature: 1, topK: 0, topP: 1, minP: 0 }

/**
 * 64ths: products and sums of paths are exact, so the planner's result does not hang on the order of its sums; rows
 * differ, so no two trees tie.
 */
const of64 = (rows: number[][]): number[][] => rows.map((row) => row.map((count) => count / 64))
const falling = of64([
  [37, 13, 7, 3, 1],
  [35, 11, 6, 3, 1],
  [31, 10, 5, 2, 1],
  [29, 9, 4, 2, 1],
])
/** Where the second child does better than the first: plans that no sorting of nodes by worth finds. */
const rising = of64([
  [13, 31, 7],
  [23, 17, 5],
  [19, 11, 3],
])

const common = {
  slots: 48,
  seed: [0x9e3779b9, 0x2545f491] as [number, number],
  choice: 0,
  sampling: plain,
  draftSampling: plain,
  acceptance: falling,
  nodes: 12,
  depth: 4,
  length: 4,
}

export const sessions: readonly Session[] = [
  { ...common, name: 'coupled, temperature 1', rule: 'coupled', vocab: 97, position: 6, state: 8 },
  {
    ...common,
    name: 'coupled, all transforms, second choice',
    rule: 'coupled',
    vocab: 250,
    position: 3,
    state: 4,
    choice: 1,
    sampling: { temperature: 0.75, topK: 40, topP: 0.9375, minP: 0.015625 },
  },
  {
    ...common,
    name: 'coupled, greedy',
    rule: 'coupled',
    vocab: 97,
    position: 6,
    state: 1,
    sampling: { ...plain, temperature: 0 },
    draftSampling: { ...plain, temperature: 0 },
  },
  {
    ...common,
    name: 'coupled, a larger vocabulary',
    rule: 'coupled',
    vocab: 4099,
    position: 6,
    state: 11,
    nodes: 9,
    length: 2,
  },
  { ...common, name: 'sequoia, temperature 1', rule: 'sequoia', vocab: 97, position: 6, state: 8 },
  {
    ...common,
    name: 'sequoia, hot draft, second children better',
    rule: 'sequoia',
    vocab: 250,
    position: 3,
    state: 10,
    sampling: { ...plain, temperature: 0.625, topP: 0.96875 },
    draftSampling: { ...plain, temperature: 1.25 },
    acceptance: rising,
    nodes: 16,
  },
]
