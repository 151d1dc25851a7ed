import { openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { serverLog } from '../../src/cli/server-log.js'
import { tempFolder } from '../support/temp-folder.js'

type Stream = NonNullable<Parameters<typeof serverLog>[1]>

test('a terminal gets a line for people: time, level, words, facts', async () => {
  const terminal = Object.assign(new PassThrough(), { isTTY: true, hasColors: () => false })
  const log = serverLog('info', terminal as PassThrough & Stream)
  log.info({ status: 200 }, 'POST /v1/chat/completions')
  log.debug('below its level')
  await new Promise(setImmediate)
  assert.match(String(terminal.read()), /^\[\d\d:\d\d:\d\d\] INFO: POST \/v1\/chat\/completions \{"status":200\}\n$/)
})

test('a file gets a JSON object a line', () => {
  const path = join(tempFolder(), 'log')
  const file = { isTTY: false, fd: openSync(path, 'w') } as Stream
  serverLog('info', file).info({ status: 200 }, 'POST /v1')
  const { level, status, msg, pid } = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>
  assert.equal([level, status, msg, pid], [30, 200, 'POST /v1', process.pid])
})

test.run()
