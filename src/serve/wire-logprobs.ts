/** Log probabilities as OpenAI clients read them, in the form of each endpoint. */
import type { ChosenLogprob, GeneratePart, TokenLogprob } from '../api/types.js'
import { ordered } from '../common/json/index.js'

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
  /** Each names an entry of `top_logprobs` at its place. */
  tokens: string[]
  token_logprobs: number[]
  /** Likeliest first; the chosen token is always among them. */
  top_logprobs: Record<string, number>[]
  /** Where in the choice's text each token begins, in code points. */
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
    const places = entries.map(namedTokens)
    return {
      tokens: entries.map(({ token }, i) => places[i].get(token)!.name),
      token_logprobs: entries.map(logprobOf),
      top_logprobs: places.map((place) =>
        ordered(Array.from(place.values(), ({ name, logprob }) => [name, logprob] as const)),
      ),
      text_offset: entries.map(({ bytes, isSpecial }) => {
        const at = this.offset
        if (!isSpecial) this.offset += [...this.decoder.decode(bytes, { stream: true })].length
        return at
      }),
    }
  }
}

/** The listed tokens of one place and the chosen one, likeliest first, each under a name of its own. */
function namedTokens(chosen: ChosenLogprob): Map<number, { name: string; logprob: number }> {
  const listed = chosen.top.some(({ token }) => token === chosen.token) ? chosen.top : [...chosen.top, chosen]
  const names = new Set<string>()
  return new Map(
    listed.map((one) => {
      const spelled = spelling(one)
      const name = names.has(spelled) ? `token_id:${one.token}` : spelled
      names.add(name)
      return [one.token, { name, logprob: logprobOf(one) }]
    }),
  )
}

const whole = new TextDecoder('utf-8', { ignoreBOM: true, fatal: true })

/** The token's text, or its bytes as OpenAI writes those of no whole characters: `bytes:\xf0\x9f`. */
function spelling({ text, bytes }: TokenLogprob): string {
  try {
    whole.decode(bytes)
    return text
  } catch {
    return `bytes:${Array.from(bytes, (byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join('')}`
  }
}

function logprobOf({ logprob }: TokenLogprob): number {
  return Math.max(logprob, LEAST)
}

function wire({ text, logprob, bytes }: TokenLogprob): WireLogprob {
  return { token: text, logprob: Math.max(logprob, LEAST), bytes: [...bytes] }
}
