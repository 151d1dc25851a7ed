import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { BatchFault } from '../../../src/scale/batches/batch-object.js'
import {
  isFault,
  MOST_LINE_BYTES,
  prefixOf,
  requestOf,
  type RequestLine,
} from '../../../src/scale/batches/request-line.js'

const URL = '/v1/chat/completions'
const whole = { custom_id: 'a', method: 'POST', url: URL, body: { model: 'm' } }

function read(text: string, endpoint: typeof URL | null = URL, bytes = text.length): Promise<RequestLine | BatchFault> {
  return requestOf({ number: 7, offset: 0, bytes, text }, endpoint, JSON.parse)
}

const lineOf = (more: object): Promise<RequestLine | BatchFault> => read(JSON.stringify({ ...whole, ...more }))

test('a whole line is a request, for its endpoint or for any', async () => {
  const request = { customId: 'a', endpoint: URL, body: { model: 'm' } }
  assert.equal(await lineOf({}), request)
  assert.equal(await read(JSON.stringify(whole), null), request)
  assert.not(isFault(await lineOf({ custom_id: 'x'.repeat(512), body: { stream: false } })))
})

test('each fault is told with its line and its field', async () => {
  const cases: [object, string | null][] = [
    [{ custom_id: undefined }, 'custom_id'],
    [{ custom_id: '' }, 'custom_id'],
    [{ custom_id: 5 }, 'custom_id'],
    [{ custom_id: 'x'.repeat(513) }, 'custom_id'],
    [{ method: 'GET' }, 'method'],
    [{ url: '/v1/completions' }, 'url'],
    [{ url: 'constructor' }, 'url'],
    [{ body: undefined }, 'body'],
    [{ body: [] }, 'body'],
    [{ body: { stream: true } }, 'body.stream'],
  ]
  for (const [more, param] of cases) {
    const fault = (await lineOf(more)) as BatchFault
    assert.ok(isFault(fault), JSON.stringify(more))
    assert.equal([fault.line, fault.param], [7, param], JSON.stringify(more))
  }
})

test('what is no JSON object, or too long to be read, is a fault of the line', async () => {
  for (const text of ['{', '', '[]', 'null', '"a"'])
    assert.is(((await read(text)) as BatchFault).code, 'invalid_json_line', text)
  assert.is(((await read('{}', null, MOST_LINE_BYTES + 1)) as BatchFault).code, 'line_too_long')
  assert.match(
    ((await read(JSON.stringify({ ...whole, url: '/x' }), null)) as BatchFault).message,
    '/v1/completions or /v1/',
  )
})

test('lines whose prompts begin alike have prefixes that begin alike, whichever field the prompt is in', () => {
  const prefix = (body: Record<string, unknown>): string => prefixOf({ customId: 'a', endpoint: URL, body })
  const shared = (a: string, b: string): number => [...a].findIndex((letter, i) => letter !== b[i])
  for (const field of ['messages', 'prompt', 'input']) {
    const [first, second, other] = ['once upon a', 'once upon b', 'never'].map((text) => prefix({ [field]: text }))
    assert.ok(shared(first, second) > shared(first, other), field)
  }
  assert.is.not(prefix({ instructions: 'x', input: 'a' }), prefix({ instructions: 'y', input: 'a' }))
  assert.is(prefix({ prompt: `${'x'.repeat(5000)}a` }), prefix({ prompt: `${'x'.repeat(5000)}b` }))
})

test.run()
