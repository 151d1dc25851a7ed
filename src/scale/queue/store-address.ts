/** The address of the store that a queue is in. */
import { InvalidArgumentError } from '../../spec/errors.js'
import { show } from '../../spec/show.js'

/** Throws `InvalidArgumentError` for what is no `redis://` or `rediss://` address. */
export function checkStore(redis: unknown): string {
  if (typeof redis === 'string' && URL.canParse(redis) && /^rediss?:$/.test(new URL(redis).protocol)) return redis
  throw new InvalidArgumentError('redis', `redis must be a redis:// or rediss:// address; got ${show(redis)}`)
}
