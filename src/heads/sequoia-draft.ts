/** Our own draft head: one layer over the target's embeddings and its last norm's result. */
import { usualFormat } from '../formats/index.js'
import type { DraftHead } from './draft-head.js'
import { DRAFT_FORMAT, importDraft } from './import-draft.js'
import { isDraftFile, openDraftFile } from './sequoia-draft-file.js'

export const sequoiaDraft: DraftHead = {
  kind: 'sequoia-draft',
  basis: 'rotated',
  recognizes: isDraftFile,
  open: async (path) => {
    const file = await openDraftFile(path)
    return {
      name: file.name,
      path,
      sha256: file.sha256,
      projection: null,
      formatFor: (_, device = 'cpu') => (device === 'cpu' ? DRAFT_FORMAT : usualFormat(device)),
      import: (target, options) => importDraft(file, target, options),
      close: () => file.close(),
    }
  },
}
