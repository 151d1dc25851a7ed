/** Ids whose order as text is the order they were made in: time, a count within this process, chance. */
import { randomBytes } from 'node:crypto'

let last = { ms: 0, count: 0 }

/** `prefix` and 32 hexadecimal digits: 12 of milliseconds, 4 of a count, 16 of chance. */
export function newId(prefix: 'file-' | 'batch_' | 'batch_req_', nowMs: number = Date.now()): string {
  last = nowMs > last.ms ? { ms: nowMs, count: 0 } : { ms: last.ms, count: last.count + 1 }
  const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, '0')
  return `${prefix}${hex(last.ms, 12)}${hex(last.count % 2 ** 16, 4)}${randomBytes(8).toString('hex')}`
}

/** Whether a text has the form of such an id: it may then stand in a path. */
export function isId(prefix: 'file-' | 'batch_', text: string): boolean {
  return text.startsWith(prefix) && /^[0-9a-f]{32}$/.test(text.slice(prefix.length))
}
