/** A JSON file that says where a draft of ours lies: {"draft": "path.gguf"}. */
import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { DraftHead } from '../../src/heads/index.js'
import { sequoiaDraft } from '../../src/heads/sequoia-draft.js'

export const pointer: DraftHead = {
  kind: 'pointer',
  basis: sequoiaDraft.basis,
  recognizes: (path) => Promise.resolve(path.endsWith('.draft.json')),
  open: async (path) => {
    const { draft } = JSON.parse(await readFile(path, 'utf8')) as { draft: string }
    const file = await sequoiaDraft.open(join(dirname(path), draft))
    return { ...file, name: `${file.name}-pointer` }
  },
}
