import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { PassThrough } from 'node:stream'
import { ReadlineInput } from '../../../src/cli/chat/readline-input.js'

const input = suite("a chat's input")

/** Streams that are terminals where `isTTY` says so, and what was written to the second. */
function terminal(isTTY: boolean) {
  const keys = Object.assign(new PassThrough(), { isTTY })
  const output = Object.assign(new PassThrough(), { isTTY, columns: 80 })
  const subject = new ReadlineInput(keys as PassThrough & NodeJS.ReadStream, output as PassThrough & NodeJS.WriteStream)
  return { keys, subject, shown: () => String(output.read() ?? '') }
}

input('a pipe gives its lines in order, then its end, and shows no prompt', async () => {
  const { keys, subject, shown } = terminal(false)
  keys.end('one\ntwo\nthree')
  const got = []
  for (let i = 0; i < 4; i++) got.push(await subject.next('>>> '))
  assert.equal(got, [{ line: 'one' }, { line: 'two' }, { line: 'three' }, 'end'])
  assert.is(shown(), '')
  subject.close()
})

input('a terminal shows the prompt; arrows bring back earlier lines, tab completes commands', async () => {
  const { keys, subject, shown } = terminal(true)
  const first = subject.next('>>> ')
  keys.write('one\r')
  assert.equal(await first, { line: 'one' })
  assert.match(shown(), />>> /)
  const again = subject.next('>>> ')
  keys.write('\u001b[A\r')
  assert.equal(await again, { line: 'one' })
  const completed = subject.next('>>> ')
  // A tab with more behind it was pasted, and completes nothing.
  keys.write('/ret')
  keys.write('\t')
  await new Promise(setImmediate)
  keys.write('\r')
  assert.equal(await completed, { line: '/retry' })
  subject.close()
})

input('Ctrl-C clears what is typed; with nothing typed it is told; Ctrl-D is the end', async () => {
  const { keys, subject } = terminal(true)
  const line = subject.next('>>> ')
  keys.write('wrong\u0003right\r')
  assert.equal(await line, { line: 'right' })
  const interrupt = subject.next('>>> ')
  keys.write('\u0003')
  assert.is(await interrupt, 'interrupt')
  const end = subject.next('>>> ')
  keys.write('\u0004')
  assert.is(await end, 'end')
  subject.close()
})

input('Ctrl-C stops the work under way, and only that', async () => {
  const { keys, subject } = terminal(true)
  let stop = (): void => {}
  const work = new Promise<string>((resolve) => {
    stop = () => resolve('stopped')
  })
  const done = subject.interruptible(work, () => stop())
  keys.write('\u0003')
  assert.is(await done, 'stopped')
  const next = subject.next('>>> ')
  keys.write('on\r')
  assert.equal(await next, { line: 'on' })
  subject.close()
})

input('gives back what it listened to', () => {
  const before = process.listenerCount('SIGINT')
  const { subject } = terminal(false)
  assert.is(process.listenerCount('SIGINT'), before + 1)
  subject.close()
  assert.is(process.listenerCount('SIGINT'), before)
})

input.run()
