/**
 * Exact laws of tree decoding: every tree the draws can make, times every accept/reject path of the shipped walk, whose
 * chances and last law the wasm itself writes down (`set_script`). No random number is drawn.
 */
import type { TokenTree, Verdict } from '../../../src/core/types.js'
import { core, tree } from './builders.js'

/** One way a walk can end: its chance, the tokens it kept, and the law of the token after them. */
export interface Ending {
  chance: number
  kept: number[]
  law: Float64Array
}

const MOST_CHOICES = 64

/** Every ending of a walk over this tree. */
export function endings(filled: TokenTree, vocab: number, walk: () => Verdict): Ending[] {
  const decisions = core.alloc(MOST_CHOICES)
  const chances = core.alloc(MOST_CHOICES * 8)
  const law = core.alloc(vocab * 8)
  const found: Ending[] = []
  const follow = (script: number[], chance: number): void => {
    core.u8(decisions, MOST_CHOICES).fill(0).set(script)
    core.wasm.set_script(decisions, MOST_CHOICES, chances, law, vocab)
    const verdict = walk()
    const made = core.wasm.choices_made()
    if (made > script.length) {
      const accept = core.f64(chances, MOST_CHOICES)[script.length]
      if (accept > 0) follow([...script, 1], chance * accept)
      if (accept < 1) follow([...script, 0], chance * (1 - accept))
    } else
      found.push({
        chance,
        kept: Array.from(verdict.path, (node) => filled.tokens[node]),
        law: core.f64(law, vocab).slice(),
      })
  }
  follow([], 1)
  core.wasm.set_script(0, 0, 0, 0, 0)
  for (const block of [decisions, chances, law]) core.free(block)
  return found
}

/** A language over a few tokens whose next-token logits depend on all tokens so far. */
export interface ToyModel {
  vocab: number
  logits(context: readonly number[]): Float32Array
}

export interface Drafting {
  /** [m] planned parents. */
  parents: readonly number[]
  /** All ways a node's `count` children can be drawn, given the tokens down to it. */
  children(context: readonly number[], count: number): { tokens: number[]; chance: number }[]
}

/** A filled tree, its chance, and each node's context. */
export interface Filled {
  chance: number
  parents: number[]
  tokens: number[]
  contexts: number[][]
}

/** Every tree that can be drawn. Where fewer children are drawn than planned, those planned below them are left out. */
export function allTrees({ parents, children }: Drafting): Filled[] {
  const fill = (node: number, planned: number[], tree: Filled): Filled[] => {
    if (node === tree.parents.length) return [tree]
    const wanted = parents.flatMap((parent, child) => (parent === planned[node] ? [child] : []))
    if (wanted.length === 0) return fill(node + 1, planned, tree)
    return children(tree.contexts[node], wanted.length).flatMap(({ tokens, chance }) =>
      fill(node + 1, [...planned, ...wanted.slice(0, tokens.length)], {
        chance: tree.chance * chance,
        parents: [...tree.parents, ...tokens.map(() => node)],
        tokens: [...tree.tokens, ...tokens],
        contexts: [...tree.contexts, ...tokens.map((token) => [...tree.contexts[node], token])],
      }),
    )
  }
  return fill(0, [0], { chance: 1, parents: [-1], tokens: [0], contexts: [[]] })
}

/**
 * The law of the next `length` tokens under tree decoding: [vocab ^ length], first token most significant. What a walk
 * leaves open the target's own law continues.
 */
export function jointLaw(
  vocab: number,
  targetLaw: (context: readonly number[]) => Float64Array,
  trees: readonly Filled[],
  length: number,
  walk: (filled: TokenTree, contexts: readonly number[][]) => Ending[],
): Float64Array {
  const joint = new Float64Array(vocab ** length)
  const spread = (context: number[], chance: number, next: ArrayLike<number>): void => {
    for (let x = 0; x < vocab; x++) {
      if (chance * next[x] === 0) continue
      const longer = [...context, x]
      if (longer.length === length) joint[cellOf(longer, vocab)] += chance * next[x]
      else spread(longer, chance * next[x], targetLaw(longer))
    }
  }
  for (const { chance, parents, tokens, contexts } of trees) {
    for (const ending of walk(tree(parents, tokens), contexts)) {
      if (ending.kept.length >= length) joint[cellOf(ending.kept.slice(0, length), vocab)] += chance * ending.chance
      else spread(ending.kept, chance * ending.chance, ending.law)
    }
  }
  return joint
}

const cellOf = (tokens: readonly number[], vocab: number): number =>
  tokens.reduce((cell, token) => cell * vocab + token, 0)

/** The same law under plain decoding. */
export function plainLaw(
  vocab: number,
  targetLaw: (context: readonly number[]) => Float64Array,
  length: number,
): Float64Array {
  let joint = Float64Array.of(1)
  let contexts: number[][] = [[]]
  for (let i = 0; i < length; i++) {
    joint = Float64Array.from(
      contexts.flatMap((context, cell) => Array.from(targetLaw(context), (p) => joint[cell] * p)),
    )
    contexts = contexts.flatMap((context) => Array.from({ length: vocab }, (_, x) => [...context, x]))
  }
  return joint
}

/** A toy model with logits drawn from a seed; the same context always gives the same row. */
export function toyModel(
  vocab: number,
  seed: number,
  spread: number,
  row: (length: number, seed: number, spread: number) => Float32Array,
): ToyModel {
  return {
    vocab,
    logits: (context) =>
      row(
        vocab,
        context.reduce((hash, token) => Math.imul(hash ^ (token + 17), 0x9e3779b1) >>> 0, seed),
        spread,
      ),
  }
}
