/** The options of an engine with all that files, this machine and earlier measurements decide. */
import type { EngineOptions } from '../api/types.js'
import { remark } from '../common/progress.js'
import { checkOptions, type CheckedOptions } from './check-options.js'
import { withDevice } from './choose-device.js'
import { chosenDraft } from './chosen-draft.js'
import { chosenFormat } from './chosen-format.js'
import type { DraftChoice } from './draft-choice.js'
import { withSibling } from './sibling.js'

export interface Settled {
  options: CheckedOptions
  draft: DraftChoice
  /** One sentence each. */
  reasons: { format: string; draft: string }
}

/** Pulls the target. Throws `InvalidArgumentError` naming the option, and what pulling throws. */
export async function settle(given: EngineOptions): Promise<Settled> {
  const { options: checked, note } = await withSibling(checkOptions(await withDevice(given)))
  const { format, why: formatReason } = await chosenFormat(checked)
  const options = { ...checked, format }
  const { choice, why, isMeasured } = await chosenDraft(options)
  if (format !== checked.format) options.onProgress?.(remark(`format ${formatReason}`))
  const told = isMeasured ? `draft ${why}` : note
  if (told !== null) options.onProgress?.(remark(told))
  return { options, draft: choice, reasons: { format: formatReason, draft: why } }
}
