/** The options that the HTTP adapters share, checked where the host sets one up. */
import { namedIn, type GatewayOptions, type Header, type RouterOptions, type Whose } from '../src/serve/index.js'
import { InvalidArgumentError } from '../src/spec/errors.js'
import { show } from '../src/spec/show.js'

/** Options that the HTTP adapters share; `Request` is the framework's. */
export interface AdapterOptions<Request = unknown> extends GatewayOptions {
  /**
   * Largest request body read here, in bytes; default 4 MiB. Bodies that the host has parsed are bounded by the host.
   */
  maxBodyBytes?: number
  /**
   * Who words an error that came before the first byte of an answer: `answer` (default) sends OpenAI's error object,
   * `host` hands an `ApiError` (`status`, `headers`, `body`) to the host's own error handling.
   */
  errors?: 'answer' | 'host'
  /**
   * `GET /models` in a host that lists models too: `yield` (default) leaves a host's list as it is and answers only
   * where nobody else does, `merge` adds our models to the host's list.
   */
  models?: 'yield' | 'merge'
  /** Whose request it is: owners who wait for a place take turns. Default: all requests are one owner's. */
  owner?: (request: Request) => string
}

/** For adapters that see whole paths. */
export interface PrefixOption {
  /** Path the routes lie under; default `/v1`. */
  prefix?: string
}

/** Options with every default filled in. */
export interface CheckedAdapter<Request = unknown> extends RouterOptions {
  maxBodyBytes: number
  /** What is known of a request beside its body. */
  whose(request: Request, header: Header): Whose
}

type Known = keyof AdapterOptions
const ADAPTER: readonly Known[] = [
  'engine',
  'name',
  'aliases',
  'keepAliveMs',
  'onError',
  'maxBodyBytes',
  'errors',
  'models',
  'owner',
]

/** Throws `InvalidArgumentError` for an option that is wrong, or that is neither shared nor in `further`. */
export function checkAdapter<Request>(
  options: AdapterOptions<Request>,
  further: readonly string[] = [],
): CheckedAdapter<Request> {
  const known = [...ADAPTER, ...further]
  const unknown = Object.keys(options).find((key) => !known.includes(key))
  if (unknown) throw new InvalidArgumentError(unknown, `unknown option "${unknown}"; known are ${known.join(', ')}`)
  if (typeof options.engine?.generate !== 'function')
    throw new InvalidArgumentError('engine', 'engine must be what openEngine() resolves to; await it first')
  const {
    maxBodyBytes = 4 * 2 ** 20,
    errors = 'answer',
    models = 'yield',
    engine,
    name,
    aliases,
    keepAliveMs,
    onError,
    owner,
  } = options
  if (!Number.isSafeInteger(maxBodyBytes) || maxBodyBytes < 1)
    throw new InvalidArgumentError(
      'maxBodyBytes',
      `maxBodyBytes must be a whole number of at least 1; got ${show(maxBodyBytes)}`,
    )
  if (owner !== undefined && typeof owner !== 'function')
    throw new InvalidArgumentError('owner', `owner must be a function of a request; got ${show(owner)}`)
  oneOf('errors', errors, ['answer', 'host'])
  oneOf('models', models, ['yield', 'merge'])
  const whose = (request: Request, header: Header): Whose => ({
    ...(owner && { caller: owner(request) }),
    ...namedIn(header),
  })
  return { gateway: { engine, name, aliases, keepAliveMs, onError }, maxBodyBytes, errors, models, whose }
}

/** `/v1` -> `/v1`, `/v1/` -> `/v1`, `/` -> ``. */
export function checkPrefix(prefix: string = '/v1'): string {
  if (typeof prefix !== 'string' || !/^(\/[^/?#]+)*\/?$/.test(prefix)) {
    throw new InvalidArgumentError(
      'prefix',
      `prefix must be a path that begins with a slash, like "/v1"; got ${show(prefix)}`,
    )
  }
  return prefix.replace(/\/$/, '')
}

function oneOf(param: string, value: string, allowed: readonly string[]): void {
  if (!allowed.includes(value))
    throw new InvalidArgumentError(
      param,
      `${param} must be ${allowed.map((one) => `"${one}"`).join(' or ')}; got ${show(value)}`,
    )
}
