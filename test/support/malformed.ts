/**
 * Requests to the standalone server that are wrong in some way, or just odd: fields with values they should not have,
 * bodies that are no JSON, headers and request lines that are none. The same for the same number.
 */
import { deflateSync, gzipSync } from 'node:zlib'
import { chatSchema } from '../../src/serve/chat-request.js'
import { completionSchema } from '../../src/serve/completion-request.js'
import { responseSchema } from '../../src/serve/response-request.js'
import { seeded } from './random-llama.js'

export interface Malformed {
  /** Bytes to write on a fresh connection. */
  bytes: Buffer
  /** The request does not end, or is none: the connection may close without an answer. */
  isOpenEnded: boolean
  /** It allows itself a time, so 504 is what it asked for. */
  isTimed: boolean
}

type Random = () => number

const messages = [{ role: 'user', content: 'hi' }]
const ENDPOINTS = [
  {
    path: '/v1/chat/completions',
    base: { model: 'micro', messages, max_tokens: 4 },
    fields: Object.keys(chatSchema.shape),
  },
  {
    path: '/v1/completions',
    base: { model: 'micro', prompt: 'hi', max_tokens: 4 },
    fields: Object.keys(completionSchema.shape),
  },
  {
    path: '/v1/responses',
    base: { model: 'micro', input: 'hi', max_output_tokens: 4 },
    fields: Object.keys(responseSchema.shape),
  },
]

/** Texts that stand where a JSON value is expected; the last ones are none. */
const JUNK = [
  'null',
  'true',
  'false',
  '0',
  '-0',
  '1',
  '-1',
  '2',
  '0.5',
  '1.5',
  '1e-300',
  '1e308',
  '1e400',
  '-1e400',
  '9007199254740993',
  '-9223372036854775808',
  '1e3',
  `1${'0'.repeat(400)}`,
  '""',
  '" "',
  '"x"',
  '"1"',
  '"\\u0000"',
  '"\\ud800"',
  '"\\r\\nset-cookie: a=b"',
  '"__proto__"',
  '"constructor"',
  '"\u202e\u{1f600}"',
  JSON.stringify('x'.repeat(5000)),
  JSON.stringify('é'.repeat(700)),
  '[]',
  '{}',
  '[[]]',
  '[null]',
  '[{}]',
  '[0]',
  '[-1]',
  '[1,2,3]',
  '["x"]',
  '[1,"x"]',
  '{"a":1}',
  '{"type":"text"}',
  '{"type":"json_object"}',
  '{"__proto__":{"a":1}}',
  '{"constructor":{"prototype":{}}}',
  '{"5":1}',
  '{"-5":1}',
  '{"x":100}',
  `${'['.repeat(300)}${']'.repeat(300)}`,
  `${'{"a":'.repeat(300)}1${'}'.repeat(300)}`,
  `[${Array.from({ length: 2000 }, (_, i) => i).join()}]`,
  'NaN',
  'undefined',
  '0x10',
  "'x'",
  '01',
  '{,}',
  '[1,]',
  '"\t"',
  '',
]
/** Patterns that take long, or are none. */
const PATTERNS = [
  '(a+)+$',
  '(a|a)*b',
  '((((((a*)*)*)*)*)*)*',
  '(',
  '[',
  '[z-a]',
  '\\',
  '*',
  '(?=x)',
  '(?<n>x)\\k<n>',
  '\\p{L}+',
  'a{99999}',
  '(a{50}){50}',
  '.{0,3000}',
  '^$',
  '',
  '[^\\u0000-\\uffff]',
  '\\b',
  'x|',
  '(?i)x',
  '\u{1f600}+',
]
const GRAMMARS = [
  'root ::= root',
  'root ::= root "a" | "b"',
  'root ::= x',
  'x ::= "a"',
  'root ::=',
  'root ::= "a',
  'root ::= [',
  'root ::= "a"{1,100000}',
  'root ::= ("" | "")*',
  '::=',
  'root ::= "\\u0000"',
  `root ::= ${'('.repeat(500)}"a"${')'.repeat(500)}`,
]
const SCHEMAS = [
  '{}',
  'true',
  'false',
  '{"type":"object","properties":{"a":{"$ref":"#"}},"required":["a"]}',
  '{"$ref":"#/$defs/x"}',
  '{"$ref":"http://127.0.0.1:1/x"}',
  '{"enum":[]}',
  '{"enum":[1,"a",null]}',
  '{"type":"null"}',
  '{"type":["string","integer"]}',
  '{"type":"string","pattern":"(a+)+$"}',
  '{"type":"string","minLength":5,"maxLength":2}',
  '{"type":"integer","minimum":1e308}',
  '{"type":"integer","minimum":5,"maximum":2}',
  '{"type":"number","multipleOf":0}',
  '{"type":"array","minItems":100000}',
  '{"allOf":[{"type":"string"},{"type":"integer"}]}',
  '{"not":{}}',
  '{"if":{},"then":false}',
  '{"type":"object","additionalProperties":false,"required":["a"]}',
  '{"properties":{"__proto__":{"type":"string"}}}',
  '{"type":"wrong"}',
  '{"const":{"a":[1]}}',
  `{"anyOf":[${Array.from({ length: 300 }, (_, i) => `{"const":${i}}`).join()}]}`,
]
const NESTED = [
  'messages[0].role',
  'messages[0].content',
  'messages[0].name',
  'messages[0].tool_calls',
  'messages[0].x',
  'stream_options',
  'stream_options.include_usage',
  'response_format.type',
  'response_format.pattern',
  'response_format.json_schema',
  'speculation.draft',
  'speculation.tree',
  'speculation.maxNodes',
  'speculation.off',
  'speculation.trace',
  'logit_bias.5',
  'stop[0]',
  'tools[0]',
  'tools[0].function.parameters',
  'text.format',
  'user',
  'metadata',
  'store',
  'n',
  'x',
  '__proto__',
]

export function malformed(number: number): Malformed {
  const random = seeded(Math.imul(number + 1, 2654435761))
  const kind = random()
  if (kind < 0.55) return wrongFields(random)
  if (kind < 0.7) return wrongForms(random)
  if (kind < 0.85) return wrongBytes(random)
  return wrongHeaders(random)
}

function pick<T>(random: Random, from: readonly T[]): T {
  return from[Math.floor(random() * from.length)]
}

/** A request of some endpoint with one to three of its fields, known or unknown, set to something. */
function wrongFields(random: Random): Malformed {
  const { path, base, fields } = pick(random, ENDPOINTS)
  const body: Record<string, unknown> = {
    ...structuredClone(base),
    ...(random() < 0.3 && { stream: true }),
    ...(random() < 0.1 && { timeout_ms: 1 + Math.floor(random() * 20) }),
  }
  const junk: string[] = []
  for (let times = 1 + Math.floor(random() * 3); times > 0; times--) {
    set(body, random() < 0.7 ? pick(random, fields) : pick(random, NESTED), `@${junk.push(pick(random, JUNK)) - 1}@`)
  }
  const text = JSON.stringify(body).replace(/"@(\d+)@"/g, (_, at) => junk[Number(at)])
  return request(path, Buffer.from(text))
}

/** Regexes, grammars, schemas and stop texts that are hard to compile, or cannot be. */
function wrongForms(random: Random): Malformed {
  const form = pick(random, [
    () => `{"type":"regex","pattern":${JSON.stringify(pick(random, PATTERNS) + pick(random, PATTERNS))}}`,
    () => `{"type":"grammar","grammar":${JSON.stringify(pick(random, GRAMMARS))}}`,
    () => `{"type":"json_schema","json_schema":{"name":"x","schema":${pick(random, SCHEMAS)}}}`,
    () => `{"type":"choice","choices":[${JSON.stringify(pick(random, PATTERNS))},${pick(random, JUNK)}]}`,
  ])()
  const stop = random() < 0.3 ? `,"stop":${JSON.stringify(pick(random, PATTERNS))}` : ''
  const tools =
    random() < 0.3
      ? `,"tools":[{"type":"function","function":{"name":"f","parameters":${pick(random, SCHEMAS)}}}]` +
        ',"tool_choice":"required"'
      : `,"response_format":${form}`
  return request(
    '/v1/chat/completions',
    Buffer.from(`{"model":"micro","messages":${JSON.stringify(messages)},"max_tokens":8${stop}${tools}}`),
  )
}

/** Bodies that are no JSON any more, or were none, or are not what their headers say. */
function wrongBytes(random: Random): Malformed {
  const { path, base } = pick(random, ENDPOINTS)
  const text = Buffer.from(JSON.stringify(base))
  const body = pick(random, [
    () => text.subarray(0, Math.floor(random() * text.length)),
    () => damaged(text, random),
    () => damaged(text, random),
    () => Buffer.concat([text, text]),
    () => Buffer.from([0xef, 0xbb, 0xbf, ...text]),
    () => Buffer.from(text.toString(), 'utf16le'),
    () => Buffer.from('['.repeat(1 + Math.floor(random() * 100_000))),
    () => Buffer.from('{"a":'.repeat(1 + Math.floor(random() * 50_000))),
    () => Buffer.alloc(Math.floor(random() * 200_000), 0x20 + Math.floor(random() * 90)),
    () => Buffer.from(Array.from({ length: 200 }, () => Math.floor(random() * 256))),
  ])()
  const [encoding, encoded] = pick<[string, Buffer]>(random, [
    ['', body],
    ['', body],
    ['gzip', gzipSync(body)],
    ['gzip', gzipSync(body).subarray(0, 12)],
    ['gzip', gzipSync(Buffer.alloc(4 * 2 ** 20))],
    ['deflate', deflateSync(text)],
    ['br', body],
    ['gzip, gzip', body],
    ['zip', body],
  ])
  return request(path, encoded, encoding === '' ? [] : [`content-encoding: ${encoding}`])
}

function damaged(text: Buffer, random: Random): Buffer {
  const bytes = [...text]
  for (let times = 1 + Math.floor(random() * 4); times > 0; times--) {
    const at = Math.floor(random() * bytes.length)
    if (random() < 0.4) bytes[at] = Math.floor(random() * 256)
    else if (random() < 0.5) bytes.splice(at, 1)
    else bytes.splice(at, 0, ...bytes.slice(at, at + 1 + Math.floor(random() * 20)))
  }
  return Buffer.from(bytes)
}

const LINES = [
  'POST /v1/chat/completions HTTP/1.1',
  'post /v1/chat/completions HTTP/1.1',
  'GE T / HTTP/1.1',
  'GET  / HTTP/1.1',
  'GET / HTTP/1.2',
  'GET / HTTP/9',
  'GET /',
  'PRI * HTTP/2.0',
  'OPTIONS * HTTP/1.1',
  'TRACE / HTTP/1.1',
  'PROPFIND /v1/models HTTP/1.1',
  'DELETE /v1/models/micro HTTP/1.1',
  'PUT /v1/chat/completions HTTP/1.1',
  'GET /% HTTP/1.1',
  'GET /v1/models/%00 HTTP/1.1',
  'GET /v1/models/%ff HTTP/1.1',
  'GET /v1/../../etc/passwd HTTP/1.1',
  'GET //v1//models HTTP/1.1',
  'GET http://127.0.0.1:1/v1/models HTTP/1.1',
  `GET /${'a'.repeat(5000)} HTTP/1.1`,
  `GET /${'a'.repeat(20_000)} HTTP/1.1`,
  'GET /\u00e9\u00ff HTTP/1.1',
  'GET /playground/..%2f..%2fpackage.json HTTP/1.1',
  'GET /v1/models?a=%&b[c]=1&__proto__[x]=1 HTTP/1.1',
  'GET /metrics HTTP/1.1',
  'HEAD /v1/openapi.json HTTP/1.1',
  'GET /v1/models HTTP/1.0',
  '',
]
const HEADERS = [
  'host: a',
  'host: a\r\nhost: b',
  'content-type: text/plain',
  'content-type: application/json; charset=utf-16',
  'content-type: application/json; charset=x',
  'content-type:',
  'content-type: application/json\r\ncontent-type: text/html',
  'authorization: Bearer',
  `authorization: ${'x'.repeat(3000)}`,
  'accept: \u00e9',
  'accept-encoding: gzip;q=2, *;q=0',
  'range: bytes=9-1',
  'if-none-match: *',
  'origin: null',
  'cookie: a=b;;=;',
  'x-forwarded-for: ,,, ::',
  'x-request-id: <script>',
  `x-request-id: ${'x'.repeat(9000)}`,
  'expect: 100-continue',
  'expect: x',
  'upgrade: websocket\r\nconnection: upgrade',
  'connection: keep-alive, close, x',
  'te: trailers',
  'x: \u0000',
  ' folded: x',
  'no colon',
  ': no name',
  'b\u00e4d: x',
  `x: ${'y'.repeat(20_000)}`,
  Array.from({ length: 300 }, (_, i) => `x${i}: y`).join('\r\n'),
  'content-encoding: identity',
  'content-length: 2',
  'content-length: -1',
  'content-length: x',
  'content-length: 99999999999999999999',
  'transfer-encoding: chunked',
  'transfer-encoding: x',
  'transfer-encoding: chunked\r\ncontent-length: 2',
]

/** Request lines and headers that are odd or none; whatever the server waits for then never comes. */
function wrongHeaders(random: Random): Malformed {
  const line = pick(random, LINES)
  const headers = Array.from({ length: 1 + Math.floor(random() * 3) }, () => pick(random, HEADERS))
  const body = pick(random, ['', '{}', '2\r\n{}\r\n0\r\n\r\n', 'zz\r\n{}', JSON.stringify(ENDPOINTS[0].base)])
  const text = [line, 'host: test', 'connection: close', ...headers].join('\r\n')
  return {
    bytes: Buffer.from(`${text}${random() < 0.9 ? '\r\n\r\n' : '\r\n'}${body}`, 'latin1'),
    isOpenEnded: true,
    isTimed: false,
  }
}

function request(path: string, body: Buffer, headers: readonly string[] = []): Malformed {
  const head = [
    `POST ${path} HTTP/1.1`,
    'host: test',
    'connection: close',
    'content-type: application/json',
    `content-length: ${body.length}`,
    ...headers,
  ].join('\r\n')
  return {
    bytes: Buffer.concat([Buffer.from(`${head}\r\n\r\n`), body]),
    isOpenEnded: false,
    isTimed: body.includes('timeout_ms'),
  }
}

/** Sets a value at `a.b[0].c`, making what is missing on the way, or replacing what cannot hold it. */
function set(body: Record<string, unknown>, path: string, value: unknown): void {
  const keys = path.split(/[.[\]]+/).filter((key) => key !== '')
  let at = body
  for (const [i, key] of keys.slice(0, -1).entries()) {
    const next = Object.hasOwn(at, key) ? at[key] : undefined
    if (typeof next !== 'object' || next === null) define(at, key, /^\d+$/.test(keys[i + 1]) ? [] : {})
    at = at[key] as Record<string, unknown>
  }
  define(at, keys[keys.length - 1], value)
}

/** Also for names that assignment would take for something else. */
function define(object: Record<string, unknown>, key: string, value: unknown): void {
  Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true })
}
