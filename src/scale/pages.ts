/** Pages of a list, as OpenAI's clients walk them: newest first, `after` an id, at most `limit`. */
import { ApiError } from '../serve/index.js'

export interface PageQuery {
  after?: string
  limit: number
  order: 'asc' | 'desc'
}

export interface Page<T> {
  object: 'list'
  data: T[]
  first_id: string | null
  last_id: string | null
  has_more: boolean
}

/** Ids are made so that their order is that of their making (`newId`). */
export function pageOf<T extends { id: string }>(all: readonly T[], { after, limit, order }: PageQuery): Page<T> {
  const sign = order === 'asc' ? 1 : -1
  const inOrder = [...all].sort((a, b) => sign * (a.id < b.id ? -1 : 1))
  const from = after === undefined ? 0 : inOrder.findIndex(({ id }) => id === after) + 1
  if (after !== undefined && from === 0)
    throw new ApiError(400, 'invalid_value', `after: there is no ${JSON.stringify(after.slice(0, 100))} here`, 'after')
  const data = inOrder.slice(from, from + limit)
  return {
    object: 'list',
    data,
    first_id: data[0]?.id ?? null,
    last_id: data.at(-1)?.id ?? null,
    has_more: from + limit < inOrder.length,
  }
}

/** Reads `after`, `limit` (1 to `most`) and `order` of a query string. Throws `ApiError` 400 naming the parameter. */
export function pageQuery(query: URLSearchParams, defaults: { limit: number; most: number }): PageQuery {
  const limit = whole(query.get('limit') ?? String(defaults.limit), defaults.most)
  const order = query.get('order') ?? 'desc'
  if (order !== 'asc' && order !== 'desc')
    throw new ApiError(400, 'invalid_value', 'order must be "asc" or "desc"', 'order')
  return { after: query.get('after') ?? undefined, limit, order }
}

function whole(text: string, most: number): number {
  const value = Number(text)
  if (!/^\d+$/.test(text) || value < 1 || value > most)
    throw new ApiError(400, 'invalid_value', `limit must be a whole number from 1 to ${most}`, 'limit')
  return value
}
