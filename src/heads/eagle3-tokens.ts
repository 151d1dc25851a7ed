/** The token of the target's that each row of a reduced head stands for: `d2t[i]` is how far it lies from i. */
import { ModelError } from '../spec/errors.js'
import type { Eagle3File } from './eagle3-file.js'

/**
 * [rows of the head] token ids; null where the rows are the target's vocabulary. Throws `ModelError` naming `d2t`,
 * `t2d` or `lm_head.weight` where they do not fit each other or a target of `vocab` tokens.
 */
export async function headTokens(file: Eagle3File, vocab: number): Promise<Int32Array | null> {
  const refuse = (message: string): never => {
    throw new ModelError('model_invalid', file.path, `${file.path} ${message}`)
  }
  const { headTokens: rows } = file
  if (rows === null && file.has('d2t')) refuse('has d2t and no lm_head.weight, whose rows it is about')
  if (rows === null) return null
  if (!file.has('d2t'))
    return rows === vocab
      ? null
      : refuse(
          `has no d2t, and a lm_head.weight of ${rows} tokens for a target of ${vocab}: it lacks the map, or is of ` +
            'another target',
        )
  const tokens = Int32Array.from(await file.read('d2t'), (offset, i) => i + offset)
  const seen = new Set<number>()
  tokens.forEach((token, i) => {
    if (token < 0 || token >= vocab)
      refuse(`maps row ${i} of its head to token ${token} (d2t); the target has tokens below ${vocab}`)
    if (seen.has(token)) refuse(`maps two rows of its head to token ${token} (d2t); download it again`)
    seen.add(token)
  })
  if (!file.has('t2d')) return tokens
  const inHead = await file.read('t2d')
  const marked = inHead.reduce((sum, mark) => sum + mark, 0)
  const unmarked = tokens.find((token) => inHead[token] !== 1)
  if (unmarked !== undefined || marked !== tokens.length)
    refuse(
      `marks ${marked} tokens as its head's (t2d) and maps ${tokens.length} (d2t)` +
        `${unmarked === undefined ? '' : `, token ${unmarked} unmarked`}: they contradict each other; ` +
        'download it again',
    )
  return tokens
}
