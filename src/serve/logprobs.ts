/** Log probabilities as OpenAI clients read them, in the form of each endpoint. */
import type { ChosenLogprob, GeneratePart, TokenLogprob } from '../api/types.js'

export interface ChatLogprobs {
  content: (WireLogprob & { top_logprobs: WireLogprob[] })[]
  refusal: null
}

export interface WireLogprob {
  token: string
  logprob: number
  bytes: number[]
}

export interface CompletionLogprobs {
  tokens: string[]
  token_logprobs: number[]
  top_logprobs: Record<string, number>[]
  /** Where in the choice's text each token begins. */
  text_offset: number[]
}

/** JSON has no -infinity; OpenAI writes this for what is next to impossible. */
const LEAST = -9999

/** The entries of a part whose tokens are text of the answer: the token that ended it is not. */
export function shownLogprobs({ logprobs, stopToken }: GeneratePart): ChosenLogprob[] {
  return logprobs?.slice(0, stopToken === undefined ? undefined : -1) ?? []
}

export function chatLogprobs(entries: readonly ChosenLogprob[]): ChatLogprobs {
  return { content: entries.map((entry) => ({ ...wire(entry), top_logprobs: entry.top.map(wire) })), refusal: null }
}

export type ResponseLogprob = ChatLogprobs['content'][number]

/** `/responses` lists the same entries bare. */
export function responseLogprobs(entries: readonly ChosenLogprob[]): ResponseLogprob[] {
  return chatLogprobs(entries).content
}

/** Makes completions' logprobs for the pieces of one choice, in order: offsets go on from piece to piece. */
export class CompletionOffsets {
  private readonly decoder = new TextDecoder('utf-8', { ignoreBOM: true })
  private offset = 0

  next(entries: readonly ChosenLogprob[]): CompletionLogprobs {
    return {
      tokens: entries.map(({ text }) => text),
      token_logprobs: entries.map(({ logprob }) => Math.max(logprob, LEAST)),
      top_logprobs: entries.map(({ top }) =>
        Object.fromEntries(top.map(({ text, logprob }) => [text, Math.max(logprob, LEAST)])),
      ),
      text_offset: entries.map(({ bytes }) => {
        const at = this.offset
        this.offset += this.decoder.decode(bytes, { stream: true }).length
        return at
      }),
    }
  }
}

function wire({ text, logprob, bytes }: TokenLogprob): WireLogprob {
  return { token: text, logprob: Math.max(logprob, LEAST), bytes: [...bytes] }
}
