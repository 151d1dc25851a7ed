/** Gathers what `draft: 'auto'` is decided by: what `sequoia tune` measured here, what ships, and what was pulled. */
import { basename } from 'node:path'
import { resolveSource } from '../import/resolve-source.js'
import { AUTO, type CheckedOptions } from './check-options.js'
import { draftChoice, type DraftChoice } from './draft-choice.js'
import { readBestDraft, type BestDraft } from './measured-drafts.js'

export interface ChosenDraft {
  choice: DraftChoice
  /** One sentence. */
  why: string
  /** Whether what was measured decided. */
  isMeasured: boolean
}

/** The draft that was asked for, or the one that `auto` comes to. Pulls the target; throws what that throws. */
export async function chosenDraft(options: CheckedOptions): Promise<ChosenDraft> {
  const { draft, target, memory, cacheDir, threads, format, address } = options
  const choice = draftChoice(options)
  if (draft !== AUTO) return { choice, why: `${draft}: it was asked for`, isMeasured: false }
  // Under a budget of memory a draft costs the target layers, which no measurement without one tells of.
  if (memory !== undefined) return { choice, why: usualReason(options, choice), isMeasured: false }
  const source = await resolveSource(target, options)
  const best = await readBestDraft({ cacheDir, source, threads, format, address })
  return best
    ? { choice: best.choice, why: measuredReason(best), isMeasured: true }
    : { choice, why: usualReason(options, choice), isMeasured: false }
}

/** What was measured, in one sentence. */
export function measuredReason({ name, measured }: BestDraft): string {
  const times = measured.map((one) => `${one.greedy.toFixed(2)} and ${one.sampled.toFixed(2)} by ${one.name}`)
  return (
    `${name}: "sequoia tune" measured, greedy and sampled, times plain decoding on this machine, ` + times.join(', ')
  )
}

function usualReason({ sibling, memory }: CheckedOptions, choice: DraftChoice): string {
  if (choice.kind !== 'model')
    return `${choice.kind}: ${memory === undefined ? 'no model is known to draft for this one' : 'memory is limited'}`
  const why = choice.source === sibling ? "it was pulled, and has this model's tokens" : 'it ships for this model'
  return `${basename(choice.source)}: ${why}`
}
