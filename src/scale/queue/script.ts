/** Lua that the store runs, sent by its hash: the text goes only where the store has forgotten it. */
import { createHash } from 'node:crypto'
import type { Redis } from 'ioredis'

export interface Script {
  lua: string
  sha: string
}

export const script = (lua: string): Script => ({ lua, sha: createHash('sha1').update(lua).digest('hex') })

export async function runScript(
  redis: Redis,
  { lua, sha }: Script,
  keys: readonly string[],
  args: readonly (string | number)[],
): Promise<unknown> {
  try {
    return await redis.evalsha(sha, keys.length, ...keys, ...args)
  } catch (error) {
    if (!String((error as Error).message).startsWith('NOSCRIPT')) throw error
    return redis.eval(lua, keys.length, ...keys, ...args)
  }
}
