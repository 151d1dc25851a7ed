/** Types of the page's modules that scripts use: the page itself is plain JavaScript. */
declare module '*/playground/tree-layout.js' {
  import type { StepTrace } from '../src/api/types.js'

  /** `depth`, `row`: its place; a row may lie between two. */
  export interface TreeNode {
    text: string
    kind: 'root' | 'accepted' | 'rejected' | 'own'
    depth: number
    row: number
    parent?: TreeNode
    children: TreeNode[]
  }

  export function layOut(step: StepTrace): TreeNode[]
}

declare module '*/playground/planner-core.js' {
  export const RANKS: number
  export const MOST_NODES: number
  export const MOST_DEPTH: number

  interface Costs {
    row: number
    draft: number
  }

  export function acceptanceOf(first: number, others: number): number[]
  export function passOf(rows: number, row: number): number
  export function bestChain(first: number, budget: number, costs: Costs): number

  export class Planner {
    static from(bytes: Uint8Array): Promise<Planner>
    plan(acceptance: readonly number[]): void
    expected(nodes: number, depth: number): number
    best(budget: number, costs: Costs): { nodes: number; depth: number; tokens: number; speedup: number }
    tree(nodes: number, depth: number): number[]
  }
}
