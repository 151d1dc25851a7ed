import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { byteLevelSpelling, spellingBytes } from '../../src/text/byte-level.js'
import { alphabet } from '../support/tiny-llama.js'

test('each byte has its own character, printable ones themselves', () => {
  assert.equal(
    alphabet().map((character) => [...spellingBytes(character)]),
    Array.from({ length: 256 }, (_, byte) => [byte]),
  )
  assert.equal([...spellingBytes('Ġhi')], [0x20, 0x68, 0x69])
})

test('a spelling with a character that stands for no byte is ordinary text', () => {
  for (const spelling of ['a b', '漢', 'Ġ漢'])
    assert.equal([...spellingBytes(spelling)], [...Buffer.from(spelling)], spelling)
})

test('text is spelled by its bytes', () => {
  assert.is(byteLevelSpelling('hi é\n'), 'hiĠÃ©Ċ')
  assert.equal(Buffer.from(spellingBytes(byteLevelSpelling('漢字 🙂'))).toString(), '漢字 🙂')
})

test.run()
