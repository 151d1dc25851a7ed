import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { streamResponse, wholeResponse } from '../../src/serve/response-answer.js'
import type { ResponseEvent } from '../../src/serve/response-event.js'
import { scriptedEngine, type Script } from '../support/scripted-engine.js'
import { response } from './support.js'

const never = new AbortController().signal

interface Wire {
  status: string
  model: string
  incomplete_details: object | null
  output: { id: string; status: string; content: { text: string }[] }[]
  usage: { input_tokens: number; output_tokens: number; total_tokens: number } | null
  top_p: number
}

function streamed(script: Script = {}): ReturnType<typeof streamResponse> {
  return streamResponse(scriptedEngine(script), response(), never, () => {})
}

async function eventsOf(script: Script = {}): Promise<(ResponseEvent & Record<string, unknown>)[]> {
  const events: (ResponseEvent & Record<string, unknown>)[] = []
  for await (const event of streamed(script).events) events.push(event as ResponseEvent & Record<string, unknown>)
  return events
}

test('a whole response is one message, its usage, and what the request asked for', async () => {
  const whole = (await wholeResponse(scriptedEngine(), response({ top_p: 0.5 }), never)) as Wire
  assert.equal([whole.status, whole.incomplete_details, whole.top_p], ['completed', null, 0.5])
  assert.equal([whole.output.length, whole.output[0].content[0].text], [1, 'Hello, world'])
  const { input_tokens, output_tokens, total_tokens } = whole.usage!
  assert.equal([input_tokens, output_tokens, total_tokens], [7, 3, 10])
})

test('an answer that its length ended is incomplete, and so is its message', async () => {
  const whole = (await wholeResponse(scriptedEngine({ finish: 'length' }), response(), never)) as Wire
  assert.equal([whole.status, whole.output[0].status], ['incomplete', 'incomplete'])
  assert.equal(whole.incomplete_details, { reason: 'max_output_tokens' })
  assert.is((await eventsOf({ finish: 'length' })).at(-1)!.type, 'response.incomplete')
})

test('an answer that thinks has an item of its own for that, ahead of the message', async () => {
  const script = { thoughts: ['I ', 'see'], texts: ['Yes', '.'] }
  const whole = (await wholeResponse(scriptedEngine(script), response(), never)) as Wire
  assert.equal(
    whole.output.map(({ content }) => content[0].text),
    ['I see', 'Yes.'],
  )
  const events = await eventsOf(script)
  assert.equal(
    events.map(({ type, output_index }) => `${type.replace('response.', '')} ${output_index ?? ''}`.trim()),
    [
      'created',
      'in_progress',
      'output_item.added 0',
      'content_part.added 0',
      'reasoning_text.delta 0',
      'reasoning_text.delta 0',
      'reasoning_text.done 0',
      'content_part.done 0',
      'output_item.done 0',
      'output_item.added 1',
      'content_part.added 1',
      'output_text.delta 1',
      'output_text.delta 1',
      'output_text.done 1',
      'content_part.done 1',
      'output_item.done 1',
      'completed',
    ],
  )
})

test('events build the message up: opened once, one delta a text, closed with the whole', async () => {
  const events = await eventsOf()
  assert.equal(
    events.map(({ type }) => type.replace('response.', '')),
    [
      'created',
      'in_progress',
      'output_item.added',
      'content_part.added',
      ...Array.from({ length: 3 }, () => 'output_text.delta'),
      'output_text.done',
      'content_part.done',
      'output_item.done',
      'completed',
    ],
  )
  assert.equal(
    events.map((event) => event.sequence_number),
    events.map((_, i) => i),
  )
  const last = events.at(-1)!.response as Wire
  assert.is(last.output[0].id, events[4].item_id)
  assert.is(events[4].delta, 'Hello')
  assert.is(events[7].text, 'Hello, world')
})

test('a failure is an event that goes on counting, flat and in the shape of all endpoints', async () => {
  const thrown = new Error('disk')
  const { events, failed } = streamed({ error: { thrown, at: 1 } })
  let sent = 0
  const error = await (async () => {
    for await (const _ of events) sent += 1
  })().catch((caught: Error) => caught)
  assert.is(error, thrown)
  const told = { message: 'm', type: 'server_error', param: null, code: 'internal_error' }
  assert.equal(failed({ error: told } as never), {
    type: 'error',
    sequence_number: sent,
    code: 'internal_error',
    message: 'm',
    param: null,
    error: told,
  })
})

test('a bad request fails before the first event', async () => {
  const { events } = streamed({ error: { thrown: new Error('bad') } })
  assert.match((await events.next().catch((error: Error) => error)) as never, /bad/)
})

test('an engine that ends without a reason is a fault', async () => {
  const error = await wholeResponse(scriptedEngine({ texts: [] }), response(), never).catch((thrown: Error) => thrown)
  assert.match((error as Error).message, 'ended an answer without a reason')
})

test.run()
