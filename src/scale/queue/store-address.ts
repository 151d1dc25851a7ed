/** The address of the store that a queue is in. */
import { InvalidArgumentError } from '../../spec/errors.js'
import { show } from '../../spec/show.js'

/** Whether a text is a `redis://` or `rediss://` address. */
export function isStoreAddress(text: string): boolean {
  return URL.canParse(text) && /^rediss?:$/.test(new URL(text).protocol)
}

/** Throws `InvalidArgumentError` for what is no such address. */
export function checkStore(redis: unknown): string {
  if (typeof redis === 'string' && isStoreAddress(redis)) return redis
  throw new InvalidArgumentError('redis', `redis must be a redis:// or rediss:// address; got ${show(redis)}`)
}
