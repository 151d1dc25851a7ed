/** What the process takes by itself, before weights, caches and buffers. */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/**
 * Resident bytes once garbage is gone: what opening left behind (parsed manifests, an import) would else count as idle,
 * and be missing from the budget.
 */
export function idleBytes(): number {
  // Contexts made from here on have the function; those that are there already do not.
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  setFlagsFromString('--no-expose-gc')
  collect()
  return process.memoryUsage.rss()
}
