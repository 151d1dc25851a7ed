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
