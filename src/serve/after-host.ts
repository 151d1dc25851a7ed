/** What goes out for a list that the host has answered already: its own, ours in its place, or both. */
import type { JsonReply } from './gateway.js'

interface ModelList {
  object: 'list'
  data: { id: string }[]
}

/** Known by the host's status alone: whether its answer passes as it is, before its body is there. */
export function passesHost(status: number, merges: boolean): boolean {
  return status !== 404 && !(merges && status === 200)
}

/** Our reply in place of the host's, which does not pass; null: the host's after all. */
export function afterHost(host: { status: number; body: string }, own: JsonReply): JsonReply | null {
  if (host.status === 404) return own
  const body = mergedModels(host.body, own.body)
  return body && { ...own, body }
}

/** The host's list with ours behind it, each id once; null where the host's body is no such list. */
export function mergedModels(hostBody: string, own: object): object | null {
  const host = parsed(hostBody)
  if (!host) return null
  const known = new Set(host.data.map((model) => model?.id))
  return { ...host, data: [...host.data, ...(own as ModelList).data.filter(({ id }) => !known.has(id))] }
}

function parsed(text: string): ModelList | null {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && 'data' in value && Array.isArray(value.data)
      ? (value as ModelList)
      : null
  } catch {
    return null
  }
}
