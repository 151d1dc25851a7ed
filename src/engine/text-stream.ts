/**
 * Turns tokens into text that can be sent at once: whole UTF-8 characters only, and nothing that may still turn out
 * to be the beginning of a stop string.
 */
import type { Tokenizer } from '../text/text.js'

export class TextStream {
  private readonly decoder = new TextDecoder('utf-8', { ignoreBOM: true })
  /** Text held back because a stop string may begin in it. */
  private held = ''
  /** Set once a stop string was met; no more text comes after. */
  stopped = false

  constructor(
    private readonly tokenizer: Tokenizer,
    private readonly stops: readonly string[],
  ) {}

  /**
   * The text of a prompt that the answer goes on from: a character that it leaves unfinished ends in the answer.
   * Special tokens are spelled out, and no stop string is looked for.
   */
  echo(tokens: readonly number[]): string {
    const texts = tokens.map((token) => {
      const bytes = this.tokenizer.bytes(token)
      return bytes.length > 0
        ? this.decoder.decode(bytes, { stream: true })
        : this.decoder.decode() + this.tokenizer.decode([token], { special: true })
    })
    return texts.join('')
  }

  /**
   * Adds one token and returns the text that is now certain. While the answer may not stop yet, a stop string that is
   * complete is text like any other; one that has begun may be completed later, and then counts.
   */
  push(token: number, mayStop = true): string {
    return this.release(this.decoder.decode(this.tokenizer.bytes(token), { stream: true }), mayStop)
  }

  /** Ends the stream: an unfinished character becomes U+FFFD, held text is let go. */
  end(): string {
    if (this.stopped) return ''
    const text = this.release(this.decoder.decode()) + this.held
    this.held = ''
    return text
  }

  private release(text: string, mayStop = true): string {
    if (this.stopped) return ''
    const pending = this.held + text
    const at = mayStop ? firstStop(pending, this.stops) : -1
    if (at >= 0) {
      this.stopped = true
      this.held = ''
      return pending.slice(0, at)
    }
    const keep = longestPrefixAtEnd(pending, this.stops)
    this.held = pending.slice(pending.length - keep)
    return pending.slice(0, pending.length - keep)
  }
}

function firstStop(text: string, stops: readonly string[]): number {
  let first = -1
  for (const stop of stops) {
    const at = text.indexOf(stop)
    if (at >= 0 && (first < 0 || at < first)) first = at
  }
  return first
}

/** Length of the longest end of `text` that begins one of these strings. */
export function longestPrefixAtEnd(text: string, stops: readonly string[]): number {
  let longest = 0
  for (const stop of stops) {
    for (let length = Math.min(stop.length - 1, text.length); length > longest; length--) {
      if (text.endsWith(stop.slice(0, length))) longest = length
    }
  }
  return longest
}
