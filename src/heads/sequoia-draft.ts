/** Our own draft head: one layer over the target's embeddings and its last norm's result. */
import type { DraftHead } from './draft-head.js'
import { importDraft } from './import-draft.js'
import { isDraftFile, openDraftFile } from './sequoia-draft-file.js'

export const sequoiaDraft: DraftHead = {
  kind: 'sequoia-draft',
  recognizes: isDraftFile,
  needs: ({ hidden }) => ({ width: hidden }),
  open: async (path) => {
    const file = await openDraftFile(path)
    return {
      name: file.name,
      sha256: file.sha256,
      import: (target, options) => importDraft(file, target, options),
      close: () => file.close(),
    }
  },
}
