/** The draft heads that are read: a head is a file of this folder and a line here. */
import type { DraftHead } from './draft-head.js'
import { eagle3 } from './eagle3.js'
import { sequoiaDraft } from './sequoia-draft.js'

export const heads: readonly DraftHead[] = [sequoiaDraft, eagle3]

export type { DraftHead, HeadFile, HeadImportOptions } from './draft-head.js'
export { ensureDraftImported, headOf, type EnsureDraftOptions } from './ensure-draft.js'
