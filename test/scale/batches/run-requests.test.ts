import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { readInput, type InputFile, type Place } from '../../../src/scale/batches/input.js'
import { runRequests, type Answering, type AnswerLine } from '../../../src/scale/batches/run-requests.js'
import { bytesOf, echo, requestLine } from '../support.js'

const text = ['a', 'b', 'c', 'd'].map((prompt) => requestLine(`id-${prompt}`, prompt)).join('')
const file: InputFile = { read: (from) => bytesOf(text.slice(from)), endpoint: null, parse: JSON.parse }

async function places(): Promise<Place[]> {
  return (await readInput(file)).places
}

async function ran(answer: Answering['answer'], width: number, stop = new AbortController()): Promise<AnswerLine[]> {
  const lines: AnswerLine[] = []
  const write = async (line: AnswerLine): Promise<void> => void lines.push(line)
  await runRequests({ answer, width: () => width }, { file, places: await places(), caller: 'c', write }, stop.signal)
  return lines
}

test('each request has one line, with what its endpoint said', async () => {
  const lines = await ran(async (endpoint, body) => {
    assert.is(endpoint, 'chat')
    return echo(body)
  }, 3)
  assert.equal(lines.map(({ custom_id }) => custom_id).sort(), ['id-a', 'id-b', 'id-c', 'id-d'])
  const { response, error, id } = lines.find(({ custom_id }) => custom_id === 'id-c')!
  assert.equal([response!.status_code, response!.request_id, error], [200, 'req_c', null])
  assert.match(id, /^batch_req_[0-9a-f]{32}$/)
})

test('at most the width runs at once, and never more than there are', async () => {
  for (const width of [1, 2, 9]) {
    let [running, most] = [0, 0]
    await ran(async (_endpoint, body) => {
      most = Math.max(most, ++running)
      await new Promise(setImmediate)
      running -= 1
      return echo(body)
    }, width)
    assert.is(most, Math.min(width, 4))
  }
})

test('a request that is turned away for want of room is asked again', async () => {
  const refusals = [429, 503]
  const lines = await ran(async (_endpoint, body) => ({ ...echo(body), status: refusals.pop() ?? 200 }), 1)
  assert.equal(
    lines.map(({ response }) => response!.status_code),
    [200, 200, 200, 200],
  )
})

test('what has no answer when it is stopped has no line, and a failure of the endpoint is thrown', async () => {
  const stop = new AbortController()
  const lines = await ran(
    async (_endpoint, body) => {
      if (echo(body).requestId === 'req_b') {
        stop.abort()
        stop.signal.throwIfAborted()
      }
      return echo(body)
    },
    1,
    stop,
  )
  assert.equal(
    lines.map(({ custom_id }) => custom_id),
    ['id-a'],
  )
  const fault = new Error('disk')
  assert.is(await ran(() => Promise.reject(fault), 1).catch((error: Error) => error), fault)
})

test.run()
