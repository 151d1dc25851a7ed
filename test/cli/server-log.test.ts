import { openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { serverLog } from '../../src/cli/server-log.js'
import { tempFolder } from '../support/temp-folder.js'

type Stream = NonNullable<Parameters<typeof serverLog>[1]>

/** What a terminal shows of what `say` logs, without times. */
async function shown(say: (log: ReturnType<typeof serverLog>) => void): Promise<string> {
  const terminal = Object.assign(new PassThrough(), { isTTY: true, hasColors: () => false })
  say(serverLog('info', terminal as PassThrough & Stream))
  await new Promise(setImmediate)
  return String(terminal.read()).replace(/^\[\d\d:\d\d:\d\d\] /gm, '')
}

test('a terminal gets a line for people: time, level, words, facts', async () => {
  const lines = await shown((log) => {
    log.info({ model: 'tiny' }, 'loaded')
    log.debug('below its level')
  })
  assert.is(lines, 'INFO: loaded {"model":"tiny"}\n')
})

test('on a terminal a request is one sentence, with the beginning of its id', async () => {
  const request = { requestId: '7f4dcc5b-4613', method: 'GET', path: '/v1/models', status: 200, ms: 3 }
  const lines = await shown((log) => {
    log.info(request, 'request')
    log.info({ ...request, caller: 'ci', left: true }, 'request')
  })
  assert.is(
    lines,
    'INFO: GET /v1/models 200, 3 ms (7f4dcc5b)\nINFO: GET /v1/models 200, 3 ms, ci, the client left (7f4dcc5b)\n',
  )
})

test('on a terminal an answer is one sentence too', async () => {
  const answer = { requestId: '7f4dcc5b-4613', reason: 'stop', tokens: 20, ms: 340 }
  const lines = await shown((log) => {
    log.info(answer, 'answer')
    log.info({ ...answer, requestId: undefined, resumed: 7 }, 'answer')
  })
  assert.is(lines, 'INFO: answer stop, 20 tokens, 340 ms (7f4dcc5b)\nINFO: answer stop, 20 tokens behind 7, 340 ms\n')
})

test('lines for a terminal go where they are to be written, at once', () => {
  const written: string[] = []
  const terminal = Object.assign(new PassThrough(), { isTTY: true, hasColors: () => false })
  serverLog('info', terminal as PassThrough & Stream, (lines) => void written.push(lines)).info('loaded')
  assert.equal(
    written.map((line) => line.replace(/^\S+ /, '')),
    ['INFO: loaded\n'],
  )
  assert.is(terminal.read(), null)
})

test('a file gets a JSON object a line', () => {
  const path = join(tempFolder(), 'log')
  const file = { isTTY: false, fd: openSync(path, 'w') } as Stream
  serverLog('info', file).info({ status: 200 }, 'POST /v1')
  const { level, status, msg, pid } = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>
  assert.equal([level, status, msg, pid], [30, 200, 'POST /v1', process.pid])
})

test.run()
