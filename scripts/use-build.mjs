/**
 * Preloaded by benchmarks: what they import of the sources is taken from the build, as users run it.
 * What makes TypeScript loadable adds to every inner function, which tells in steps of a millisecond.
 */
import { register } from 'node:module'
import { isMainThread } from 'node:worker_threads'

// The hooks' own thread loads this file too.
if (isMainThread) register(import.meta.url)

const SOURCE = /^(.*\/)((?:src|plugins|adapters)\/.*)\.ts$/
const ROOT = new URL('..', import.meta.url).href

export async function resolve(specifier, context, next) {
  const resolved = await next(specifier, context)
  const [, root, path] = resolved.url.match(SOURCE) ?? []
  return root === ROOT ? { ...resolved, url: `${ROOT}dist/${path}.js`, format: 'module' } : resolved
}
