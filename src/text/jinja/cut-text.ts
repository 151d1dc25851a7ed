/** Taking texts apart as Python does: `strip`, `split`, `splitlines`. */
import { SPACE, trimEnd, trimStart } from './spaces.js'
import { asIndex, asText, TemplateError, type Value } from './values.js'

const RUN = new RegExp(`${SPACE}+`, 'g')
const LINE_END = new RegExp(String.raw`\r\n|[\n-\r\x1c-\x1e\x85\u2028\u2029]`, 'g')

/** Takes characters of `chars` away, white space if that is None, at the start, the end or both. */
export function strip(text: string, chars: Value | undefined, from: 'start' | 'end' | 'both' = 'both'): string {
  if (chars === undefined || chars === null) {
    const started = from === 'end' ? text : trimStart(text)
    return from === 'start' ? started : trimEnd(started)
  }
  const taken = new Set(asText(chars, 'the argument of strip'))
  const points = Array.from(text)
  let [start, end] = [0, points.length]
  if (from !== 'end') while (start < end && taken.has(points[start])) start++
  if (from !== 'start') while (end > start && taken.has(points[end - 1])) end--
  return points.slice(start, end).join('')
}

export function split(text: string, separator: Value | undefined, most: Value | undefined, fromEnd: boolean): string[] {
  const limit = most === undefined ? -1 : asIndex(most)
  if (separator === undefined || separator === null) return splitBlank(text, limit, fromEnd)
  const by = asText(separator, 'the separator')
  if (by === '') throw new TemplateError('empty separator')
  const parts = text.split(by)
  if (limit < 0 || parts.length <= limit + 1) return parts
  if (fromEnd) return [parts.slice(0, parts.length - limit).join(by), ...parts.slice(parts.length - limit)]
  return [...parts.slice(0, limit), parts.slice(limit).join(by)]
}

/** Between runs of white space; what is left over beyond `limit` parts keeps its own. */
function splitBlank(text: string, limit: number, fromEnd: boolean): string[] {
  const inner = strip(text, null)
  if (inner === '') return []
  const gaps = [...inner.matchAll(RUN)]
  const cuts = limit < 0 ? gaps : fromEnd ? gaps.slice(Math.max(0, gaps.length - limit)) : gaps.slice(0, limit)
  const parts: string[] = []
  let from = 0
  for (const cut of cuts) {
    parts.push(inner.slice(from, cut.index))
    from = cut.index + cut[0].length
  }
  parts.push(inner.slice(from))
  const [first, last] = [parts[0], parts[parts.length - 1]]
  if (limit >= 0 && !fromEnd && cuts.length === limit)
    parts[parts.length - 1] = last + text.slice(strip(text, null, 'end').length)
  if (limit >= 0 && fromEnd && cuts.length === limit)
    parts[0] = text.slice(0, text.length - strip(text, null, 'start').length) + first
  return parts
}

/** What `splitlines` gives. */
export function lines(text: string, keepEnds = false): string[] {
  const found: string[] = []
  let from = 0
  for (const end of text.matchAll(LINE_END)) {
    found.push(text.slice(from, keepEnds ? end.index + end[0].length : end.index))
    from = end.index + end[0].length
  }
  return from < text.length ? [...found, text.slice(from)] : found
}
