/**
 * Sequoia's verification (arXiv 2402.12374, section 3.2): children drawn without replacement are accepted in turn with
 * min(1, p/q); each rejection takes q out of p and the child out of q. Equal to the target in distribution.
 */
import type { Verifier } from '../../src/plugin/index.js'

export const sequoia: Verifier = {
  name: 'sequoia',
  draws: 'without-replacement',
  allowsDynamic: false,
  verify: (core, { tree, logitsPtr, vocab, sampling, key, rootPosition }) => {
    const rows = tree.q?.rows ?? new Int32Array(tree.parents.length).fill(-1)
    const drafted = { temperature: sampling.temperature, topK: 0, topP: 1, minP: 0 }
    return core.verifySequoia(tree, logitsPtr, tree.q?.logitsPtr ?? 0, rows, vocab, sampling, drafted, key, rootPosition)
  },
}
