/**
 * How a model writes calls of tools: fixed texts around each name and its arguments. Templates that know tools differ
 * in those texts and say nowhere what they are; so a conversation with two made-up calls is rendered, and the texts
 * between are read off.
 */
import type { CallFormat, ChatMessage, Tool } from '../text.js'
import type { CallTexts } from './formats/call-texts.js'
import { callFormats } from './formats/index.js'

export type { CallFormat } from '../text.js'

/** Renders a conversation; `answer`: up to where the model's next turn begins. Throws for what the template refuses. */
export type RenderChat = (messages: readonly ChatMessage[], tools: readonly Tool[], answer: boolean) => string

const FIRST = { id: 'call0sq01', name: 'sq_first_tool', arguments: '{"sq_key": "sq first"}' }
const SECOND = { id: 'call0sq02', name: 'sq_second_tool', arguments: '{"sq_key": "sq second"}' }
const OTHER: Tool = { name: 'sq_other_tool', description: 'A tool.', parameters: { type: 'object', properties: {} } }
const ASKED: ChatMessage = { role: 'user', content: 'sq question' }

/**
 * Reads the format off a template. Null where calls are not written as fixed text around names and arguments, or with
 * special tokens (`specials`, their spellings) that do not belong to a known format: those have no text.
 */
export function learnCallFormat(render: RenderChat, specials: readonly string[]): CallFormat | null {
  const written = writtenCalls(render)
  if (!written) return null
  for (const { name, marks, leads, shortIds, read } of callFormats) {
    const texts = read(written)
    if (!texts) continue
    const foreign = specials.filter((special) => !marks.includes(special))
    const format = { ...texts, close: cutAt(texts.close, foreign).trimEnd() }
    if (!isFixed(format, foreign)) return null
    const mark = marks.find((one) => format.open.startsWith(one))
    const spoken = marks.filter((one) => specials.includes(one))
    return { name, ...format, marker: mark ?? markerOf(format.open), leads, spoken, shortIds }
  }
  return null
}

function writtenCalls(render: RenderChat): CallTexts | null {
  const prompt = attempt(() => render([ASKED], [OTHER], true))
  const one = attempt(() => render([ASKED, { role: 'assistant', content: '', toolCalls: [FIRST] }], [OTHER], false))
  const two = attempt(() =>
    render([ASKED, { role: 'assistant', content: '', toolCalls: [FIRST, SECOND] }], [OTHER], false),
  )
  if (prompt === null || one === null) return null
  const call = taken(one.slice(commonLength(prompt, one)), FIRST)
  if (!call) return null
  const { before, middle, after } = call
  return { open: before.trimStart(), middle, next: two && nextOf(two, middle), close: after }
}

function isFixed({ open, middle, next, close }: CallTexts, foreign: readonly string[]): boolean {
  const isText = (text: string): boolean =>
    !/sq_|call0sq/.test(text) && !foreign.some((special) => text.includes(special))
  return open !== '' && middle !== '' && [open, middle, next ?? '', close].every(isText)
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

/** What `make` gives, or null where it throws. */
export function attempt<T>(make: () => T): T | null {
  try {
    return make()
  } catch {
    return null
  }
}
