/** What an adapter reads of a request's headers. */

/** Names the conversation that a request is part of. */
const SESSION = 'x-session-id'
/** Names the request in logs. */
export const REQUEST_ID = 'x-request-id'

/** Ids of others go into headers and logs: short, and of harmless characters only. */
const ACCEPTABLE_ID = /^[\w.:-]{1,128}$/

/** A header's value, by its name in small letters. */
export type Header = (name: string) => string | null | undefined

/** The id that a request came with; undefined where it has none, or one that is not fit for a log. */
export function requestIdOf(header: Header): string | undefined {
  const given = header(REQUEST_ID)
  return given && ACCEPTABLE_ID.test(given) ? given : undefined
}

/** The conversation and the id that a request names, as far as it does. */
export function namedIn(header: Header): { session?: string; requestId?: string } {
  const [session, requestId] = [header(SESSION), requestIdOf(header)]
  return { ...(session && { session }), ...(requestId !== undefined && { requestId }) }
}
