/** What the registry of drafters says of each: how it is opened, and from what. */
import type { ModelRunner } from '../passes/model-runner.js'
import type { Drafter } from './drafter.js'

export interface DrafterEntry<D extends Drafter | null = Drafter | null> {
  /** Requests ask for it by this name. */
  readonly name: string
  /** Null where what it needs is not there: then requests cannot ask for it. */
  open(materials: DraftMaterials): D
}

/** What an engine has for drafters to be opened with. */
export interface DraftMaterials {
  /** The engine's draft model; null where it has none. */
  readonly model: DraftModel | null
  /** Tokens of earlier answers that may be kept to guess from; 0: none. */
  readonly pastTokens: number
  /** Another drafter of the registry, the same one for all who ask: what it learns, it learns once. */
  opened<D extends Drafter | null>(entry: DrafterEntry<D>): D
}

/** A draft model and what its passes take. */
export interface DraftModel {
  readonly runner: ModelRunner
  /** Token that stands for one not written yet, in models that guess several in one pass. */
  readonly standIn?: number
  /**
   * Milliseconds of one pass of `rows` rows at `slots` live slots; `places`: rows that attention works on, if more.
   */
  passMs(rows: number, slots: number, places?: number): number
  /** Milliseconds of drawing one node's children. */
  drawMs(): number
}

/** Opens the drafters of a registry that can be; by name, in the registry's order. */
export function openDrafters(
  registry: readonly DrafterEntry[],
  materials: Pick<DraftMaterials, 'model' | 'pastTokens'>,
): Map<string, Drafter> {
  const open = new Map<DrafterEntry, Drafter | null>()
  const opened = <D extends Drafter | null>(entry: DrafterEntry<D>): D => {
    if (!open.has(entry)) open.set(entry, entry.open({ ...materials, opened }))
    return open.get(entry) as D
  }
  const drafters = new Map<string, Drafter>()
  for (const entry of registry) {
    const drafter = opened(entry)
    if (drafter) drafters.set(entry.name, drafter)
  }
  return drafters
}
