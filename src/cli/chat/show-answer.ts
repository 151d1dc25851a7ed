/** One answer of a chat: streamed as it comes, what it cost at its end. */
import type { FinishReason, GenerateRequest, GenerateStats, Generates } from '../../api/types.js'
import { rateText } from '../rate-text.js'
import { dim, tinted } from './tint.js'

/** Where a chat writes. Colours are asked for by stream: one may be a terminal and the other a file. */
export interface Screen {
  write(text: string): void
  /** Remarks and figures, which are no answer: a line each. `indent`: where one that is too long goes on. */
  tell(text: string, indent?: number): void
  /** The same in pieces: what the model thinks. */
  remark(text: string): void
  colours: { answer: boolean; remarks: boolean }
}

/** What to do about an answer that ended at its limit: the one that `/set max-tokens` has, or the context's end. */
const CUT_OFF = {
  limit: 'cut off: /set max-tokens allows more',
  context: 'cut off: the context is full, /clear forgets what was said',
}

/**
 * Streams thinking and answer, which `limit` may cut off; returns the answer's text, as far as it came where
 * `request.signal` stopped it.
 */
export async function showAnswer(
  engine: Pick<Generates, 'generate'>,
  request: GenerateRequest,
  screen: Screen,
  limit: keyof typeof CUT_OFF,
): Promise<string> {
  let said = ''
  let hasThought = false
  let finish: FinishReason | undefined
  let stats: GenerateStats | undefined
  try {
    for await (const part of engine.generate({ ...request, trace: screen.colours.answer })) {
      if (part.reasoning) screen.remark(screen.colours.remarks ? dim(part.reasoning) : part.reasoning)
      hasThought ||= Boolean(part.reasoning)
      if (part.text && hasThought && said === '') screen.remark('\n\n')
      screen.write(screen.colours.answer ? tinted(part) : part.text)
      said += part.text
      finish = part.finishReason ?? finish
      stats = part.stats ?? stats
    }
  } catch (error) {
    // What comes next is on a line of its own.
    if (said !== '') screen.write('\n')
    throw error
  }
  if (!said.endsWith('\n')) screen.write('\n')
  if (stats) tellDim(screen, costOf(stats, finish, CUT_OFF[limit]))
  return said
}

export function tellDim({ tell, colours }: Screen, text: string, indent?: number): void {
  tell(colours.remarks ? dim(text) : text, indent)
}

/** `12 tokens, 34.5 tokens/s, 1.50 tokens a step, 4 of 9 draft tokens accepted`, and why it ended early if it did. */
export function costOf(
  { tokens, decodeMs, tokensPerStep, drafted, accepted }: GenerateStats,
  finish: FinishReason | undefined,
  cutOff: string,
): string {
  return [
    `${tokens} tokens`,
    rateText({ tokens, decodeMs }),
    `${tokensPerStep.toFixed(2)} tokens a step`,
    drafted > 0 ? `${accepted} of ${drafted} draft tokens accepted` : 'no drafting',
    ...(finish === 'length' ? [cutOff] : finish === 'abort' ? ['stopped'] : []),
  ].join(', ')
}
