/**
 * How a model writes calls of tools: fixed texts around each name and its arguments. Templates that know tools differ
 * in those texts and say nowhere what they are; so a conversation with two made-up calls is rendered, and the texts
 * between are read off.
 */
import type { CallFormat, ChatMessage, Tool } from '../text.js'

export type { CallFormat } from '../text.js'

/** Renders a conversation; `answer`: up to where the model's next turn begins. Throws for what the template refuses. */
export type RenderChat = (messages: readonly ChatMessage[], tools: readonly Tool[], answer: boolean) => string

const FIRST = { id: 'call0sq01', name: 'sq_first_tool', arguments: '{"sq_key": "sq first"}' }
const SECOND = { id: 'call0sq02', name: 'sq_second_tool', arguments: '{"sq_key": "sq second"}' }
const OTHER: Tool = { name: 'sq_other_tool', description: 'A tool.', parameters: { type: 'object', properties: {} } }
const ASKED: ChatMessage = { role: 'user', content: 'sq question' }

/**
 * Reads the format off a template. Null where calls are not written as fixed text around names and arguments, or with
 * special tokens (`specials`, their spellings), which have no text.
 */
export function learnCallFormat(render: RenderChat, specials: readonly string[]): CallFormat | null {
  const prompt = attempt(() => render([ASKED], [OTHER], true))
  const one = attempt(() => render([ASKED, { role: 'assistant', content: '', toolCalls: [FIRST] }], [OTHER], false))
  const two = attempt(() =>
    render([ASKED, { role: 'assistant', content: '', toolCalls: [FIRST, SECOND] }], [OTHER], false),
  )
  if (prompt === null || one === null) return null
  const call = taken(one.slice(commonLength(prompt, one)), FIRST)
  if (!call) return null
  const open = call.before.trimStart()
  const close = cutAt(call.after, specials).trimEnd()
  const format = { open, middle: call.middle, next: two && nextOf(two, call.middle), close, marker: markerOf(open) }
  const texts = [format.open, format.middle, format.next ?? '', format.close]
  const fixed = texts.every((text) => !/sq_|call0sq/.test(text) && !specials.some((special) => text.includes(special)))
  return fixed && open !== '' && format.middle !== '' ? format : null
}

/** What stands before the name, between name and arguments, and after them. */
function taken(
  text: string,
  { name, arguments: args }: typeof FIRST,
): { before: string; middle: string; after: string } | null {
  const at = text.indexOf(name)
  const written = [args, args.replace(': ', ':')].find((form) => text.includes(form, at))
  if (at < 0 || written === undefined) return null
  const argsAt = text.indexOf(written, at)
  return {
    before: text.slice(0, at),
    middle: text.slice(at + name.length, argsAt),
    after: text.slice(argsAt + written.length),
  }
}

function nextOf(two: string, middle: string): string | null {
  const at = two.indexOf(FIRST.name)
  const first = at < 0 ? null : taken(two.slice(at), FIRST)
  const second = first && taken(first.after, SECOND)
  return second && first.middle === middle && second.middle === middle ? second.before : null
}

/** Up to its first white space, bracket or quote; all of it where it begins with one of those. */
function markerOf(open: string): string {
  return /^[^\s[\]{}"]+/.exec(open)?.[0] ?? open
}

function commonLength(a: string, b: string): number {
  let length = 0
  while (length < a.length && a[length] === b[length]) length++
  return length
}

function cutAt(text: string, specials: readonly string[]): string {
  const at = specials.map((special) => text.indexOf(special)).filter((index) => index >= 0)
  return text.slice(0, Math.min(text.length, ...at))
}

function attempt(render: () => string): string | null {
  try {
    return render()
  } catch {
    return null
  }
}
