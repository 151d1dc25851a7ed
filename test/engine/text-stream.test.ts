import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { TextStream } from '../../src/engine/text-stream.js'
import type { Tokenizer } from '../../src/text/text.js'

/** A tokenizer whose tokens are single bytes. */
const bytewise: Tokenizer = {
  vocabSize: 256,
  mostBytes: 1,
  encode: (text) => [...Buffer.from(text)],
  bytes: (token) => Uint8Array.of(token),
  decode: (tokens) => Buffer.from(Array.from(tokens)).toString(),
  idOf: () => undefined,
}

function run(text: string, stops: string[] = []): { pieces: string[]; whole: string; stopped: boolean } {
  const stream = new TextStream(bytewise, stops)
  const pieces = bytewise.encode(text).map((token) => stream.push(token))
  const stopped = stream.stopped
  pieces.push(stream.end())
  return { pieces, whole: pieces.join(''), stopped }
}

test('a character is sent only when all its bytes are there', () => {
  const { pieces, whole } = run('aé漢🙂')
  assert.is(whole, 'aé漢🙂')
  assert.equal(
    pieces.filter((piece) => piece !== ''),
    ['a', 'é', '漢', '🙂'],
  )
})

test('a character left unfinished becomes one replacement character at the end', () => {
  const stream = new TextStream(bytewise, [])
  const [first] = Buffer.from('é')
  assert.is(stream.push(first), '')
  assert.is(stream.end(), '\ufffd')
})

test('a byte order mark in the text is kept', () => {
  assert.is(run('\ufeffa').whole, '\ufeffa')
})

test('text stops before the first stop string, whichever begins first', () => {
  const { whole, stopped } = run('one two three', ['three', 'two'])
  assert.is(whole, 'one ')
  assert.ok(stopped)
})

test('text that could begin a stop string is held until it is decided', () => {
  const stream = new TextStream(bytewise, ['END'])
  const pushed = [...Buffer.from('aENxEN')].map((byte) => stream.push(byte))
  assert.equal(pushed, ['a', '', '', 'ENx', '', ''])
  assert.is(stream.end(), 'EN')
  assert.not.ok(stream.stopped)
})

/** Pushes single bytes of which the first `least` may not end the text. */
function held(text: string, stops: string[], least: number): { whole: string; stopped: boolean } {
  const stream = new TextStream(bytewise, stops)
  const pieces = bytewise.encode(text).map((token, i) => stream.push(token, i + 1 >= least))
  return { whole: pieces.join('') + stream.end(), stopped: stream.stopped }
}

test('a stop string that begins before the least length and is complete at it or after counts', () => {
  assert.equal(held('UNO DUE TRE', ['DUE'], 7), { whole: 'UNO ', stopped: true })
  assert.equal(held('UNO DUE TRE', ['DUE'], 6), { whole: 'UNO ', stopped: true })
  assert.equal(held('UNO DUE TRE', ['UNO DUE TRE'], 11), { whole: '', stopped: true })
})

test('a stop string that is complete before the least length is text, and may come again', () => {
  assert.equal(held('UNO DUE TRE', ['DUE'], 8), { whole: 'UNO DUE TRE', stopped: false })
  assert.equal(held('DUE DUE', ['DUE'], 4), { whole: 'DUE ', stopped: true })
  assert.equal(held('aaaa', ['aa'], 3), { whole: 'a', stopped: true })
  assert.equal(held('DUE', ['DUE'], 99), { whole: 'DUE', stopped: false })
})

test('a character that a prompt leaves unfinished ends in the answer', () => {
  const stream = new TextStream(bytewise, [])
  const [a, b, c, d] = Buffer.from('😀')
  assert.is(stream.echo([97, a, b]), 'a')
  assert.equal([stream.push(c), stream.push(d), stream.end()], ['', '😀', ''])
})

test('no stop string is looked for in an echoed prompt, nor across its end', () => {
  const stream = new TextStream(bytewise, ['END'])
  assert.is(stream.echo([...Buffer.from('END EN')]), 'END EN')
  assert.equal([stream.push(68), stream.end()], ['D', ''])
})

test('overlapping beginnings of a stop string are not lost', () => {
  assert.is(run('aaab', ['aab']).whole, 'a')
})

test('nothing comes after a stop', () => {
  const stream = new TextStream(bytewise, ['x'])
  assert.is(stream.push(0x78), '')
  assert.is(stream.push(0x61), '')
  assert.is(stream.end(), '')
})

test.run()
