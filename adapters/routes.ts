/** Which request is ours by its method and path, below the place where an adapter is mounted. */
import type { Endpoint } from '../src/serve/index.js'

/** The POST routes: path to endpoint. */
export const ENDPOINTS: Readonly<Record<string, Endpoint>> = {
  '/chat/completions': 'chat',
  '/completions': 'completions',
  '/responses': 'responses',
}

/** The description of the routes; like the list of models, a host's own comes first. */
export const OPENAPI = '/openapi.json'

export type Route =
  | { kind: 'answer'; endpoint: Endpoint }
  | { kind: 'models' }
  | { kind: 'openapi' }
  | { kind: 'model'; id: string }

/**
 * The route of `path` (no query, prefix taken off; a slash at its end does not matter), or null where it is none of
 * ours.
 */
export function routeOf(method: string, path: string): Route | null {
  const at = path.replace(/\/$/, '')
  if (method === 'POST') return Object.hasOwn(ENDPOINTS, at) ? { kind: 'answer', endpoint: ENDPOINTS[at] } : null
  if (method !== 'GET' && method !== 'HEAD') return null
  if (at === '/models') return { kind: 'models' }
  if (at === OPENAPI) return { kind: 'openapi' }
  const id = /^\/models\/(.+)$/.exec(at)?.[1]
  const decoded = id && decode(id)
  return decoded ? { kind: 'model', id: decoded } : null
}

/** `path` below `prefix`, or null where it lies elsewhere. */
export function below(prefix: string, path: string): string | null {
  return path.startsWith(prefix) && (path.length === prefix.length || path[prefix.length] === '/')
    ? path.slice(prefix.length)
    : null
}

function decode(id: string): string | null {
  try {
    return decodeURIComponent(id)
  } catch {
    return null
  }
}
