/** Tools, calls and results in plain turns, for templates that know none of them. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { ChatMessage, Tool } from '../../../src/text/text.js'
import { GENERIC_FORMAT, genericTurns } from '../../../src/text/tools/generic-prompt.js'

const weather: Tool = { name: 'weather', description: 'Of a city', parameters: { type: 'object', properties: {} } }
const user: ChatMessage = { role: 'user', content: 'Oslo and Rome?' }
const call = (id: string, args: string): { id: string; name: string; arguments: string } => ({
  id,
  name: 'weather',
  arguments: args,
})
const calling: ChatMessage = {
  role: 'assistant',
  content: 'I look.',
  toolCalls: [call('c1', '{"city":"Oslo"}'), call('c2', '')],
}
const result = (toolCallId: string, content: string): ChatMessage => ({ role: 'tool', content, toolCallId })

test('the system turn lists each tool on a line of JSON and says how to call one', () => {
  const [system, turn] = genericTurns([user], [weather, { name: 'now' }])
  assert.is(system.role, 'system')
  assert.ok(
    system.content.includes(
      '<tools>\n{"name":"weather","description":"Of a city","parameters":{"type":"object","properties":{}}}\n' +
        '{"name":"now","parameters":{}}\n</tools>',
    ),
  )
  assert.ok(system.content.includes(`${GENERIC_FORMAT.open}function_name${GENERIC_FORMAT.middle}`))
  assert.equal(turn, user)
})

test('a system turn that is there comes first and keeps its words', () => {
  const turns = genericTurns([{ role: 'system', content: 'Be brief.' }, user], [weather])
  assert.is(turns.length, 2)
  assert.ok(turns[0].content.startsWith('Be brief.\n\nThese functions'))
})

test('calls are written as the model writes them, no arguments as an empty object', () => {
  assert.equal(genericTurns([calling], []), [
    {
      role: 'assistant',
      content:
        'I look.<tool_call>[{"name": "weather", "arguments": {"city":"Oslo"}}, ' +
        '{"name": "weather", "arguments": {}}]</tool_call>',
    },
  ])
})

test("results that follow each other are one turn of the user's", () => {
  const turns = genericTurns([user, calling, result('c1', 'cold'), result('c2', 'warm'), user, result('c1', 'x')], [])
  assert.equal(
    turns.map(({ role }) => role),
    ['user', 'assistant', 'user', 'user', 'user'],
  )
  assert.is(turns[2].content, '<tool_response>\ncold\n</tool_response>\n<tool_response>\nwarm\n</tool_response>')
  assert.is(turns[4].content, '<tool_response>\nx\n</tool_response>')
})

test('turns without tools, calls or results stay as they are', () => {
  const turns = [{ role: 'system', content: 'Be brief.' }, user, { role: 'assistant', content: 'Yes.' }]
  assert.equal(genericTurns(turns, []), turns)
})

test.run()
