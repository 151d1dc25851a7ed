/** The tokens of a vocabulary as bytes, and what each would be inside a JSON string. */
import { setImmediate } from 'node:timers/promises'
import { BACKSLASH, QUOTE, UNICODE } from './json-text.js'

export interface TokenTable {
  /** Bytes of all tokens end to end; token i has those from `starts[i]` to `starts[i + 1]`. */
  bytes: Uint8Array
  starts: Uint32Array
  /** Characters of each token that would lie inside a string: those before a closing quote. */
  inside: Uint16Array
  /** All tokens, by `inside`, greatest first. */
  longest: Uint32Array
  /** Tokens that would close a string. */
  closing: Uint32Array
}

/** Tokens read in one go: a few milliseconds at most. */
const BLOCK = 8192

/** The event loop gets its turns between blocks. */
export async function tokenTable(bytes: Uint8Array, lengths: Uint32Array): Promise<TokenTable> {
  const starts = new Uint32Array(lengths.length + 1)
  const inside = new Uint16Array(lengths.length)
  const closing: number[] = []
  for (let token = 0; token < lengths.length; token++) {
    if (token % BLOCK === 0) await setImmediate()
    starts[token + 1] = starts[token] + lengths[token]
    const { characters, closes } = insideString(bytes, starts[token], starts[token + 1])
    inside[token] = characters
    if (closes) closing.push(token)
  }
  return { bytes, starts, inside, longest: byGreatest(inside), closing: Uint32Array.from(closing) }
}

function insideString(bytes: Uint8Array, from: number, to: number): { characters: number; closes: boolean } {
  let characters = 0
  for (let at = from; at < to; at++) {
    const byte = bytes[at]
    if (byte === QUOTE) return { characters, closes: true }
    // Bytes that go on in a character are no character of their own.
    if ((byte & 0xc0) !== 0x80) characters += 1
    if (byte === BACKSLASH) at += bytes[at + 1] === UNICODE ? 5 : 1
  }
  return { characters, closes: false }
}

/** Tokens by their sizes, greatest first. A counting sort, since a comparing one would hold the event loop. */
function byGreatest(sizes: Uint16Array): Uint32Array {
  let most = 0
  for (const size of sizes) most = Math.max(most, size)
  const place = new Uint32Array(most + 2)
  for (const size of sizes) place[most - size + 1] += 1
  for (let i = 1; i < place.length; i++) place[i] += place[i - 1]
  const order = new Uint32Array(sizes.length)
  sizes.forEach((size, token) => (order[place[most - size]++] = token))
  return order
}
