// @process own
/** Running one program to its end. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { runCommand, type CommandResult } from '../../../src/import/pull/run-command.js'

const node = (script: string, env: NodeJS.ProcessEnv = {}): Promise<CommandResult> =>
  runCommand([process.execPath, '-e', script], { ...process.env, ...env })

test('a program ends with its code and what it wrote to either stream', async () => {
  const { code, found, output } = await node("console.log('out'); console.error(process.env.WORD); process.exit(3)", {
    WORD: 'spoken',
  })
  assert.equal([code, found], [3, true])
  assert.match(output, 'out')
  assert.match(output, 'spoken')
})

test('of much output the end is kept', async () => {
  const { output } = await node("process.stdout.write('a'.repeat(50000) + 'end')")
  assert.is(output.length, 20_000)
  assert.ok(output.endsWith('aend'))
})

test('a program that is not there is told apart from one that fails', async () => {
  const { code, found } = await runCommand(['no-such-program-anywhere'], process.env)
  assert.equal([code, found], [null, false])
})

test('an abort ends the program, and is the error', async () => {
  const controller = new AbortController()
  const run = runCommand([process.execPath, '-e', 'setInterval(() => {}, 1000)'], process.env, controller.signal)
  controller.abort()
  const error: unknown = await run.catch((reason: unknown) => reason)
  assert.is((error as Error).name, 'AbortError')
})

test.run()
