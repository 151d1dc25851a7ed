/**
 * Hardware awareness (arXiv 2402.12374, section 3.3): which tree the optimizer picks from a machine's times of passes,
 * what trees of fixed size bring there, and what another machine's tree costs. Times come from a table, t(n) of the
 * target and of a level of the draft; tokens a step are those that the chosen tree brings at the places looked at.
 */
import { choosePlan, levelWidths } from '../../src/core/choose-plan.js'
import type { Core } from '../../src/core/index.js'
import { passMs } from '../../src/speculation/pass-times.js'
import { linksOf, MOST_LEVELS, MOST_RANKS, tokensAlong } from './shapes.js'

export const FIXED = [8, 16, 32, 64, 128]
const MOST_NODES = 512

/** Milliseconds by rows of a pass. */
export interface Times {
  rows: number[]
  ms: number[]
}

export interface MachineProfile {
  machine: string
  source: string
  target: Times
  /** One level of drafting. */
  draft: Times
}

/** How often children are accepted: by what was counted, and, where there are places, what trees bring at them. */
export interface Accepts {
  pair: string
  vectors: readonly Float64Array[]
  paths: readonly (readonly number[])[]
}

export interface HardwareRow {
  machine: string
  pair: string
  choice: string
  nodes: number
  depth: number
  predicted: number
  /** Plain decoding's milliseconds a token over this tree's, by the tokens that it brings; absent without places. */
  speedup?: number
  tokens?: number
}

interface Picked {
  parents: Int32Array
  nodes: number
  depth: number
  expectedTokens: number
}

const at = ({ rows, ms }: Times, count: number): number =>
  passMs({ rows, baseMs: ms, slotMs: rows.map(() => 0) }, count, 0)

/** Milliseconds of drafting, a pass a level. */
function draftMs({ draft }: MachineProfile, depth: number, widths: readonly number[]): number {
  return widths.slice(0, depth).reduce((sum, width) => sum + at(draft, width), 0)
}

function stepMs(profile: MachineProfile, { parents, depth }: Picked): number {
  return at(profile.target, parents.length) + draftMs(profile, depth, levelWidths(parents, depth))
}

/** The optimizer's choice for a machine; with `size` the best tree of that many nodes. */
function pick(core: Core, profile: MachineProfile, { vectors }: Accepts, size?: number): Picked {
  const maxNodes = size ?? MOST_NODES
  const frontier = core.plan({
    acceptance: vectors,
    maxNodes,
    maxDepth: Math.min(MOST_LEVELS, maxNodes - 1),
    maxBranch: MOST_RANKS,
  })
  const { nodes, depth } = choosePlan({
    frontier,
    targetMs: (rows) => (size === undefined || rows === size || rows === 1 ? at(profile.target, rows) : Infinity),
    draftMs: (levels, widths) => draftMs(profile, levels, widths),
    overheadMs: 0,
  })
  if (size === undefined || nodes === size) return { ...frontier.tree(nodes, depth), nodes, depth }
  // No tree of this size pays: the one that costs least among them.
  const depths = Array.from({ length: frontier.maxDepth }, (_, i) => i + 1)
  const trees = depths
    .filter((levels) => Number.isFinite(frontier.expected(size, levels)))
    .map((levels) => ({ ...frontier.tree(size, levels), nodes: size, depth: levels }))
  const cost = (tree: Picked): number => stepMs(profile, tree) / tree.expectedTokens
  return trees.reduce((best, tree) => (cost(tree) < cost(best) ? tree : best))
}

export function hardware(core: Core, profiles: readonly MachineProfile[], pairs: readonly Accepts[]): HardwareRow[] {
  return pairs.flatMap((pair) => {
    const picked = profiles.map((profile) => pick(core, profile, pair))
    return profiles.flatMap((profile, own) => {
      const row = (choice: string, tree: Picked): HardwareRow => {
        const plainMs = at(profile.target, 1)
        const ms = stepMs(profile, tree)
        const links = linksOf(tree.parents)
        const tokens = pair.paths.map((path) => tokensAlong(links, path))
        const mean = tokens.reduce((sum, one) => sum + one, 0) / tokens.length
        return {
          machine: profile.machine,
          pair: pair.pair,
          choice,
          nodes: tree.nodes,
          depth: tree.depth,
          predicted: (plainMs * tree.expectedTokens) / ms,
          ...(tokens.length > 0 ? { tokens: mean, speedup: (plainMs * mean) / ms } : {}),
        }
      }
      return [
        row('optimizer', picked[own]),
        ...FIXED.map((nodes) => row(`${nodes} nodes`, pick(core, profile, pair, nodes))),
        ...profiles.flatMap(({ machine }, other) => (other === own ? [] : [row(`as for ${machine}`, picked[other])])),
      ]
    })
  })
}
