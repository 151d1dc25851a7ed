import { EventEmitter } from 'node:events'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { Engine, EngineEventMap, GenerateStats } from '../../src/api/types.js'
import { logAnswers } from '../../src/cli/answer-log.js'
import { scriptedEngine } from '../support/scripted-engine.js'
import { keptLog } from './support.js'

function logged(say: (events: EventEmitter<EngineEventMap>) => void): Record<string, unknown>[] {
  const { log, lines } = keptLog()
  const events = new EventEmitter<EngineEventMap>()
  logAnswers({ events, info: scriptedEngine().info } as Pick<Engine, 'events' | 'info'>, log)
  say(events)
  return lines
}

const request = (id: number, given: object): EngineEventMap['request'][0] => ({
  id,
  request: { prompt: 'secret', ...given },
  promptTokens: 3,
  draft: 'none',
})
const stats = { tokens: 5 } as GenerateStats

test('one line an answer tells its request, its end and what it took, and nothing of what was said', () => {
  const lines = logged((events) => {
    events.emit('request', request(1, { requestId: 'a' }))
    events.emit('request', request(2, { resume: [1, 2] }))
    events.emit('end', { id: 2, reason: 'length', ms: 12.4, stats })
    events.emit('end', { id: 1, reason: 'stop', ms: 20, stats })
  })
  assert.equal(
    lines.map(({ requestId, model, reason, tokens, ms, resumed }) => [requestId, model, reason, tokens, ms, resumed]),
    [
      [undefined, 'scripted', 'length', 5, 12, 2],
      ['a', 'scripted', 'stop', 5, 20, undefined],
    ],
  )
  assert.not.match(JSON.stringify(lines), 'secret')
})

test('a failure of ours is told, what ends an answer otherwise is no failure', () => {
  const error = new Error('disk')
  const lines = logged((events) => {
    for (const reason of ['error', 'timeout'] as const) {
      events.emit('request', request(1, {}))
      events.emit('end', { id: 1, reason, error, ms: 1, stats })
    }
  })
  assert.equal(
    lines.map(({ err }) => (err as Error | undefined)?.message),
    ['disk', undefined],
  )
})

test.run()
