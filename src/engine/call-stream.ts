/**
 * Reads calls of tools out of an answer as it comes: what is text goes on as text, names and arguments as pieces of
 * calls.
 */
import type { CallFormat } from '../text/text.js'
import { longestPrefixAtEnd } from './text-stream.js'
import type { GeneratePart, ToolCallPart } from '../api/types.js'

/** What some more of an answer turned out to be. */
interface Read {
  text: string
  toolCalls: ToolCallPart[]
}

/**
 * The parts of an answer with its calls read. An answer that ended by itself with complete calls has the reason
 * `tool_calls`.
 */
export async function* readCalls(
  parts: AsyncIterable<GeneratePart>,
  format: CallFormat,
): AsyncGenerator<GeneratePart, void, undefined> {
  const stream = new CallStream(format)
  for await (const part of parts) {
    const { text, toolCalls } = stream.push(part.text, part.finishReason !== undefined)
    const finish = part.finishReason === 'stop' && stream.complete ? { finishReason: 'tool_calls' as const } : {}
    yield { ...part, text, ...(toolCalls.length > 0 && { toolCalls }), ...finish }
  }
}

export class CallStream {
  /** Calls that have ended properly. */
  complete = false
  /** What may yet be the beginning of fixed text. */
  private pending = ''
  private at: 'text' | 'name' | 'arguments' | 'between' | 'end' = 'text'
  private index = 0
  private readonly json = new JsonEnd()

  constructor(private readonly format: CallFormat) {}

  /** `last`: nothing follows, so nothing is held back. */
  push(more: string, last = false): Read {
    this.pending += more
    const read: Read = { text: '', toolCalls: [] }
    while (this.advance(read));
    if (last) this.finish(read)
    return read
  }

  /** Takes what is certain from `pending`; false when that is all. */
  private advance(read: Read): boolean {
    const { open, middle, next, close, leads } = this.format
    switch (this.at) {
      case 'text': {
        const found = this.pending.indexOf(open)
        if (found >= 0) {
          read.text += withoutLead(this.pending.slice(0, found), leads)
          return this.goOn(found + open.length, 'name')
        }
        read.text += this.take(
          this.pending.length - longestPrefixAtEnd(this.pending, [open, ...leads.map((lead) => lead + open)]),
        )
        return false
      }
      case 'name': {
        const found = this.pending.indexOf(middle)
        if (found < 0) return false
        read.toolCalls.push({ index: this.index, name: this.pending.slice(0, found), arguments: '' })
        return this.goOn(found + middle.length, 'arguments')
      }
      case 'arguments': {
        if (this.pending === '') return false
        const end = this.json.read(this.pending)
        this.say(this.take(end ?? this.pending.length), read)
        if (end !== null) this.at = 'between'
        return end !== null
      }
      case 'between': {
        if (next !== null && this.pending.startsWith(next)) {
          this.index += 1
          return this.goOn(next.length, 'name')
        }
        // `next` may begin as `close` does, and longer.
        if (next?.startsWith(this.pending) || !this.pending.startsWith(close)) return false
        this.complete = true
        return this.goOn(close.length, 'end')
      }
      case 'end':
        return false
    }
  }

  private finish(read: Read): void {
    if (this.at === 'text') read.text += this.take(this.pending.length)
    if (this.at === 'between') this.complete = this.pending.startsWith(this.format.close)
  }

  private goOn(length: number, at: 'name' | 'arguments' | 'end'): true {
    this.take(length)
    this.at = at
    return true
  }

  private take(length: number): string {
    const taken = this.pending.slice(0, length)
    this.pending = this.pending.slice(length)
    return taken
  }

  private say(piece: string, { toolCalls }: Read): void {
    const begun = toolCalls.at(-1)
    if (begun?.index === this.index) begun.arguments += piece
    else toolCalls.push({ index: this.index, arguments: piece })
  }
}

function withoutLead(text: string, leads: readonly string[]): string {
  const lead = leads.find((one) => text.endsWith(one))
  return lead === undefined ? text : text.slice(0, -lead.length)
}

/** Finds where a JSON object ends. */
class JsonEnd {
  private depth = 0
  private inString = false
  private escaped = false

  /** Index after the object's last character, or null if it goes on. */
  read(text: string): number | null {
    for (let i = 0; i < text.length; i++) {
      const character = text[i]
      if (this.escaped) this.escaped = false
      else if (this.inString) {
        if (character === '\\') this.escaped = true
        else if (character === '"') this.inString = false
      } else if (character === '"') this.inString = true
      else if (character === '{' || character === '[') this.depth += 1
      else if (character === '}' || character === ']') {
        this.depth -= 1
        if (this.depth === 0) return i + 1
      }
    }
    return null
  }
}
