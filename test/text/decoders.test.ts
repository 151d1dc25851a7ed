import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { ModelError } from '../../src/spec/errors.js'
import { openDecoder } from '../../src/text/decoders.js'

const BLANKS = { type: 'Replace', pattern: { String: '▁' }, content: ' ' }
const PIECES = { type: 'Sequence', decoders: [BLANKS, { type: 'ByteFallback' }, { type: 'Fuse' }] }
const text = (decoder: unknown, spelling: string): string => Buffer.from(openDecoder(decoder)(spelling)).toString()

test('byte-level spellings are bytes, wherever in a sequence that part stands', () => {
  for (const decoder of [
    { type: 'ByteLevel' },
    { type: 'Sequence', decoders: [{ type: 'Fuse' }, { type: 'ByteLevel' }] },
  ])
    assert.is(text(decoder, 'Ġhi'), ' hi')
})

test('pieces have blanks, and bytes where the decoder knows them', () => {
  assert.is(text(PIECES, '▁a▁▁'), ' a  ')
  assert.equal([...openDecoder(PIECES)('<0xE2>')], [0xe2])
  assert.is(text(BLANKS, '<0xE2>'), '<0xE2>')
  assert.is(text({ type: 'Metaspace', replacement: '_' }, '_a'), ' a')
})

test('the first blank of a text stays with its token', () => {
  const strip = { type: 'Strip', content: ' ', start: 1, stop: 0 }
  assert.is(text({ ...PIECES, decoders: [...PIECES.decoders, strip] }, '▁a'), ' a')
})

test('other decoders, and none, are refused with those that are known', () => {
  for (const decoder of [null, { type: 'WordPiece' }, { type: 'Sequence', decoders: [BLANKS, { type: 'CTC' }] }])
    assert.throws(
      () => openDecoder(decoder),
      (error: unknown) => error instanceof ModelError && /turns tokens into text by .*ByteFallback/.test(error.message),
    )
})

test.run()
