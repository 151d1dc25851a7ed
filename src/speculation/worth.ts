/** Whether trees pay: for each sequence, and for all that speculate alike at a load, what new ones start from. */
import type { DraftTree } from '../strategies/tree.js'
import type { Sequence } from '../engine/sequence.js'
import { type GateLimits, SpeculationGate } from './speculation-gate.js'

/** Trees come from a model's q, or from guesses that cost no pass: one may pay where the other does not. */
export type TreeKind = 'model' | 'guess'

/** One sequence's account of each kind. */
export type Gates = Record<TreeKind, SpeculationGate>

/**
 * What a step with a tree costs beyond what its time shows: reading the prompt with the draft and catching up after a
 * rest; and plain steps among trees, which trees are measured by, are slower than plain steps in a row, which shows
 * where steps are short (3 to 8 % of the micro model's, whose passes take a millisecond).
 */
const UNSEEN = { share: 0.05, ms: 0.08 }
/**
 * What guesses promise has been held against the text whether or not they were tried (`guess-chances.ts`), which what a
 * model's trees promise has not.
 */
const OF_ONE: Record<TreeKind, GateLimits> = {
  model: { limit: 1.25, trial: 0.75, share: 0.005, credit: 8 },
  guess: { limit: 1, trial: 0.5, share: 0.01, credit: 8 },
}
const OF_ALL: Record<TreeKind, GateLimits> = {
  model: { limit: 5, trial: 1, share: 0.005, credit: 32 },
  guess: { limit: 4, trial: 1.5, share: 0.01, credit: 32 },
}

/**
 * Sampled text agrees with guesses less often than greedy text does: less is missed where they rest, and trying them
 * again may lose half as much.
 */
const SAMPLED_SHARE = 0.5

export function newGates(temperature: number): Gates {
  return { model: newGate(OF_ONE.model, temperature), guess: newGate(OF_ONE.guess, temperature) }
}

function newGate(limits: GateLimits, temperature: number): SpeculationGate {
  return new SpeculationGate(temperature === 0 ? limits : { ...limits, share: SAMPLED_SHARE * limits.share })
}

export class Worth {
  /** By drafter: of each load, temperature (0 or above) and kind. */
  private readonly shared = new Map<string, SpeculationGate[]>()

  /**
   * Whether a sequence, one of `among`, may have a tree of this kind: where its own win, always; where nothing is known
   * of them, as those before it fared.
   */
  allows(sequence: Sequence, kind: TreeKind, among: number): boolean {
    const own = sequence.gates[kind]
    return own.isWinning || (own.isOpen && this.sharedBy(sequence, kind, among).isOpen)
  }

  /**
   * Learns from a step that gave each sequence `emitted` tokens, in the time in which plain decoding, by steps of
   * `plainMs`, gives `made` tokens in all.
   */
  observe(
    sequences: readonly Sequence[],
    trees: readonly DraftTree[],
    { made, plainMs }: { made: number; plainMs: number },
    emitted: readonly number[],
  ): void {
    const among = sequences.length
    const kinds = trees.map(kindOf)
    const withTree = kinds.filter((kind) => kind !== null).length
    // Those without a tree would have made their tokens in less time: what is left of the step is the trees' cost.
    const cost =
      withTree > 0 ? ((1 + UNSEEN.share + UNSEEN.ms / plainMs) * (made - (among - withTree))) / withTree : made / among
    const shared = new Map<SpeculationGate, number[]>()
    sequences.forEach((sequence, i) => {
      if (!sequence.drafter || sequence.request.shape) return
      for (const kind of ['model', 'guess'] as const) {
        const all = this.sharedBy(sequence, kind, among)
        if (!shared.has(all)) shared.set(all, [])
        if (kinds[i] === kind) {
          sequence.gates[kind].tried(cost, emitted[i])
          shared.get(all)!.push(emitted[i])
        } else sequence.gates[kind].rested(made / among)
      }
    })
    for (const [gate, tokens] of shared) {
      if (tokens.length > 0) gate.tried(cost, tokens.reduce((sum, count) => sum + count) / tokens.length)
      else gate.rested(made / among)
    }
  }

  private sharedBy({ drafter, request }: Sequence, kind: TreeKind, among: number): SpeculationGate {
    const name = drafter?.name ?? ''
    const gates = this.shared.get(name) ?? []
    this.shared.set(name, gates)
    const { temperature } = request.sampling
    const at = 4 * loadOf(among) + 2 * Number(temperature === 0) + Number(kind === 'guess')
    return (gates[at] ??= newGate(OF_ALL[kind], temperature))
  }
}

/** Doublings of the load. */
export function loadOf(among: number): number {
  return Math.ceil(Math.log2(among))
}

/** Null: no tree. */
export function kindOf({ parents, q }: DraftTree): TreeKind | null {
  if (parents.length === 1) return null
  return q ? 'model' : 'guess'
}
