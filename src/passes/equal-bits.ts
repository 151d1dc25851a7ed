/**
 * Start-up check of the promise that all else rests on: on this processor, a token's logits are the same to the last
 * bit whether its text is decoded token by token or inside a tree with siblings. It holds where every sum over slots or
 * weights is one of integers.
 */
import { extend } from './appending.js'
import type { ModelRunner } from './model-runner.js'

/** Arbitrary tokens: what they say does not matter, only that their passes differ in shape. */
const CHAIN = [5, 17, 3, 29, 11, 8]
const SIBLINGS = [23, 31]

/** A kind of passes of a device: their rows, the slots that they are shown, and whose rows they are. */
export interface PassKind {
  rows: number
  slots: number
  sequences: number
}

/** Whether both ways give equal bits; where not, equality holds up to ties alone (fp32, unusual hardware). */
export async function hasEqualBits(target: ModelRunner): Promise<boolean> {
  return (await unequalWidths(target, [0])).length === 0
}

/** Those of `widths`, rows of the passes that the last token is in, of which its bits are others than alone. */
export async function unequalWidths(target: ModelRunner, widths: readonly number[]): Promise<number[]> {
  const tokens = [...CHAIN, ...SIBLINGS].map((token) => token % target.vocab)
  const alone = await oneByOne(target, tokens.slice(0, CHAIN.length))
  const unequal: number[] = []
  for (const width of widths) {
    const inTree = await asTree(target, tokens.slice(0, CHAIN.length), tokens.slice(CHAIN.length), width)
    if (Buffer.compare(alone, inTree) !== 0) unequal.push(width)
  }
  return unequal
}

async function oneByOne(target: ModelRunner, chain: readonly number[]): Promise<Buffer> {
  const cache = target.memory.open()
  try {
    for (const token of chain) await extend(target, cache, [token], true)
    return logitsOf(target, 0)
  } finally {
    cache.release()
  }
}

/**
 * Half of the chain as a prompt chunk, the other half as a tree whose every level has wrong siblings in between, and
 * its last one as many as make `width` rows, where one sequence has room for so many.
 */
async function asTree(
  target: ModelRunner,
  chain: readonly number[],
  siblings: readonly number[],
  width: number,
): Promise<Buffer> {
  const half = chain.length >> 1
  const cache = target.memory.open()
  try {
    await extend(target, cache, chain.slice(0, half), false)
    const tokens: number[] = []
    const parents: number[] = []
    const depths: number[] = []
    let parent = -1
    const last = chain.length - half - 1
    const most = Math.min(width, target.limits.maxSlots - half, target.limits.maxRows)
    chain.slice(half).forEach((token, depth) => {
      const lacking = depth === last ? Math.max(0, most - tokens.length - siblings.length - 1) : 0
      const beside = [...siblings, ...Array.from({ length: lacking }, (_, i) => (token + 1 + i) % target.vocab)]
      for (const sibling of depth === 0 ? [] : beside) {
        tokens.push(sibling)
        parents.push(parent)
        depths.push(depth)
      }
      tokens.push(token)
      parents.push(parent)
      depths.push(depth)
      parent = tokens.length - 1
    })
    const slots = cache.allocate(tokens.length)
    try {
      const part = {
        runner: target,
        cache,
        tokens: Int32Array.from(tokens),
        positions: Int32Array.from(depths, (depth) => half + depth),
        parents: Int32Array.from(parents),
        slots,
        wanted: Int32Array.of(tokens.length - 1),
      }
      await target.runParts([part], 0)
      return logitsOf(target, 0)
    } finally {
      cache.free(slots)
    }
  } finally {
    cache.release()
  }
}

/** The bytes of one row of the last pass's logits. */
export function logitsOf(target: ModelRunner, row: number): Buffer {
  return Buffer.from(target.core.u8(target.logitsAt(row), target.vocab * 4))
}
