/**
 * The HTTP protocol without HTTP: a `fetch` that answers from an engine of this process, for SDKs that let their caller
 * bring one.
 */
import { checkAdapter, type AdapterOptions } from '../options.js'
import { fetchHandler } from './handler.js'

/** The engine, the names that it goes by, and who is told of its failures. */
export type InProcessOptions = Pick<AdapterOptions, 'engine' | 'name' | 'aliases' | 'onError'>

/** An address that cannot exist: should a request ever leave the process, it fails. */
export const IN_PROCESS_URL = 'http://sequoia.invalid/v1'

/** Throws `InvalidArgumentError` for a wrong option. */
export function inProcessFetch(options: InProcessOptions): typeof fetch {
  const handle = fetchHandler(checkAdapter(options), '/v1')
  return (input, init) => handle(new Request(input, init))
}
