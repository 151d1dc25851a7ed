/**
 * Trees grown at run time by the draft's own probabilities (EAGLE-2, arXiv 2406.16858; DySpec, 2410.11744): level by
 * level the worthiest nodes get children, and a budget keeps the worthiest of all. A node's worth is the product of its
 * path's chances.
 */
import type { Drawing } from './drawing.js'

/** Nodes of a level that get children, children of each, and levels. */
const [WIDTH, BRANCHES, LEVELS] = [16, 16, 12]

/**
 * [depth - 1] how many nodes are worthier than the one of this depth on the path of `truth`: a tree of more nodes than
 * that holds it. Ends where the path leaves all that was grown.
 */
export async function grownOrders(
  drawing: Drawing,
  truth: readonly number[],
  chance: (rank: number, q: number) => number,
): Promise<number[]> {
  const { rows } = drawing
  const worth = new Map([[0, 1]])
  let level = [0]
  for (let depth = 0; depth < LEVELS && level.length > 0; depth++) {
    await rows.rowsOf(level)
    const below: number[] = []
    for (const node of level) {
      const { tokens, q } = await drawing.children(node)
      for (let rank = 0; rank < Math.min(BRANCHES, tokens.length); rank++) {
        const child = rows.child(node, tokens[rank])
        worth.set(child, worth.get(node)! * chance(rank, q[rank]))
        below.push(child)
      }
    }
    level = below.sort((a, b) => worth.get(b)! - worth.get(a)!).slice(0, WIDTH)
  }
  const ranked = [...worth].sort(([a, worthOfA], [b, worthOfB]) => worthOfB - worthOfA || a - b)
  const order = new Map(ranked.map(([node], i) => [node, i]))
  const orders: number[] = []
  for (let node = 0, depth = 0; depth < truth.length; depth++) {
    node = rows.child(node, truth[depth])
    const at = order.get(node)
    if (at === undefined) break
    orders.push(at)
  }
  return orders
}

/** Tokens of a step with the tree of that many worthiest nodes. */
export function tokensWithin(orders: readonly number[], nodes: number): number {
  const left = orders.findIndex((order) => order >= nodes)
  return 1 + (left < 0 ? orders.length : left)
}
