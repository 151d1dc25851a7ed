/**
 * The rules once more in plain float64, as the sum over their accept/reject paths, with mutations: ways to get each
 * rule subtly wrong that the enumeration must see.
 */
import type { TokenTree } from '../../../src/core/types.js'
import type { Ending } from './enumerate.js'

export type Mutation =
  | 'none'
  | 'accepts every child'
  | 'compares p with q upside down'
  | 'keeps p after a rejection'
  | 'leaves the rejected child in q'
  | 'takes the rejected child out of q without scaling the rest'
  | 'draws the last token from the first p'
  | 'keeps the chance after a rejection'
  | 'forgets the rejected share in the chance'

export interface Laws {
  p: readonly Float64Array[]
  q: readonly Float64Array[]
}

const childrenOf = (tree: TokenTree, node: number): number[] =>
  Array.from(tree.parents.keys()).filter((child) => tree.parents[child] === node)

function normalized(law: Float64Array): Float64Array {
  const sum = law.reduce((a, b) => a + b, 0)
  return sum > 0 ? law.map((p) => p / sum) : law
}

function without(q: Float64Array, x: number, mutation: Mutation): Float64Array {
  if (mutation === 'leaves the rejected child in q') return q
  const rest = q.map((mass, y) => (y === x ? 0 : mass))
  return mutation === 'takes the rejected child out of q without scaling the rest' ? rest : normalized(rest)
}

/** Sequoia's rule; with `replacing`, SpecInfer's: q stays as it is. */
export function byRejection(tree: TokenTree, laws: Laws, replacing: boolean, mutation: Mutation): Ending[] {
  const walk = (node: number, chance: number, kept: number[]): Ending[] => {
    const found: Ending[] = []
    let [p, q, left] = [laws.p[node], laws.q[node], chance]
    for (const child of childrenOf(tree, node)) {
      const x = tree.tokens[child]
      if (q[x] <= 0) continue
      let accept = Math.min(1, p[x] / q[x])
      if (mutation === 'accepts every child') accept = 1
      if (mutation === 'compares p with q upside down') accept = Math.min(1, q[x] / p[x])
      if (left * accept > 0) found.push(...walk(child, left * accept, [...kept, x]))
      left *= 1 - accept
      if (mutation !== 'keeps p after a rejection') p = normalized(p.map((mass, y) => Math.max(mass - q[y], 0)))
      if (!replacing) q = without(q, x, mutation)
    }
    if (left > 0)
      found.push({ chance: left, kept, law: mutation === 'draws the last token from the first p' ? laws.p[node] : p })
    return found
  }
  return walk(0, 1, [])
}

/** Traversal verification. */
export function fromLeaves(tree: TokenTree, laws: Laws, mutation: Mutation): Ending[] {
  const found: Ending[] = []
  /** Returns the chance that nothing at or below the node was accepted. */
  const visit = (node: number, reached: number, a: number, kept: number[]): number => {
    let [p, q, left] = [laws.p[node], laws.q[node], reached]
    for (const child of childrenOf(tree, node)) {
      const x = tree.tokens[child]
      if (q[x] <= 0) continue
      let chance = Math.min(1, (a * p[x]) / q[x])
      if (mutation === 'accepts every child') chance = 1
      if (mutation === 'compares p with q upside down') chance = Math.min(1, q[x] / (a * p[x]))
      left = visit(child, left, chance, [...kept, x])
      const rest = p.map((mass, y) => Math.max(a * mass - q[y], 0))
      const sum = rest.reduce((all, mass) => all + mass, 0)
      if (mutation !== 'keeps p after a rejection') p = normalized(rest)
      if (mutation === 'forgets the rejected share in the chance') a = Math.min(1, sum)
      else if (mutation !== 'keeps the chance after a rejection') a = sum > 0 ? sum / (sum + 1 - a) : Number(a >= 1)
      q = without(q, x, mutation)
    }
    if (node === 0) a = 1
    if (left * a > 0)
      found.push({
        chance: left * a,
        kept,
        law: mutation === 'draws the last token from the first p' ? laws.p[node] : p,
      })
    return left * (1 - a)
  }
  visit(0, 1, 1, [])
  return found
}
