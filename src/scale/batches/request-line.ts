/** One line of a batch's input: `{ custom_id, method, url, body }`. */
import { TooMuchJson } from '../../common/json/index.js'
import { asRecord } from '../../common/record.js'
import { BATCH_ENDPOINTS, type BatchEndpoint, type BatchFault } from './batch-object.js'
import type { Line } from './lines.js'

export interface RequestLine {
  customId: string
  endpoint: BatchEndpoint
  /** As the endpoint takes it. */
  body: Record<string, unknown>
}

/** Most bytes of one line: as much as one request over HTTP may have. */
export const MOST_LINE_BYTES = 4 * 2 ** 20
/** As OpenAI has it. */
const MOST_ID_LENGTH = 512
/** As much of a prompt as requests are sorted by. */
const SORTED_CHARACTERS = 2000

/**
 * The request of a line for an endpoint (null: any), or what is wrong with it. Whether the endpoint takes the body is
 * the endpoint's affair.
 */
export async function requestOf(
  line: Line,
  endpoint: BatchEndpoint | null,
  parse: (text: string) => unknown,
): Promise<RequestLine | BatchFault> {
  const fault = (code: string, message: string, param: string | null = null): BatchFault => ({
    code,
    message,
    line: line.number,
    param,
  })
  if (line.bytes > MOST_LINE_BYTES)
    return fault('line_too_long', `the line has ${line.bytes} bytes; one request may have ${MOST_LINE_BYTES}`)
  let parsed: unknown
  try {
    parsed = await parse(line.text)
  } catch (error) {
    if (error instanceof TooMuchJson) return fault('invalid_json_line', `the line is too much: ${error.message}`)
    return fault('invalid_json_line', 'the line is not JSON; expected {"custom_id", "method", "url", "body"}')
  }
  const value = asRecord(parsed)
  if (!value) return fault('invalid_json_line', 'the line is not a JSON object')
  const { custom_id: customId, method, url } = value
  const body = asRecord(value.body)
  if (typeof customId !== 'string' || customId === '' || customId.length > MOST_ID_LENGTH)
    return fault(
      'missing_required_parameter',
      `custom_id must be a text of 1 to ${MOST_ID_LENGTH} characters`,
      'custom_id',
    )
  if (method !== 'POST') return fault('invalid_method', 'method must be "POST"', 'method')
  if (!isEndpoint(url) || (endpoint !== null && url !== endpoint))
    return fault('invalid_url', `url must be ${endpoint ?? Object.keys(BATCH_ENDPOINTS).join(' or ')}`, 'url')
  if (!body) return fault('missing_required_parameter', 'body must be the request, a JSON object', 'body')
  if (body.stream === true) return fault('unsupported_parameter', 'a batch gathers whole answers', 'body.stream')
  return { customId, endpoint: url, body }
}

export function isFault(one: RequestLine | BatchFault): one is BatchFault {
  return 'code' in one
}

/** Lines of equal beginnings stand together when sorted by it: the engine then finds their prompts in its cache. */
export function prefixOf({ body }: RequestLine): string {
  const prompt = body.messages ?? body.prompt ?? body.input ?? ''
  return JSON.stringify([body.instructions ?? '', prompt]).slice(0, SORTED_CHARACTERS)
}

function isEndpoint(url: unknown): url is BatchEndpoint {
  return typeof url === 'string' && Object.hasOwn(BATCH_ENDPOINTS, url)
}
