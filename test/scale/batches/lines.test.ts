import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { linesOf } from '../../../src/scale/batches/lines.js'
import { bytesOf } from '../support.js'

const lines = suite('lines of a text in pieces')

async function all(most: number, ...pieces: string[]) {
  const found = []
  for await (const line of linesOf(bytesOf(...pieces), most)) found.push(line)
  return found
}

lines('are the same however the text is cut into pieces', async () => {
  const text = '{"a":1}\r\n\n  \nzwölf\nlast'
  const whole = await all(100, text)
  assert.equal(
    whole.map((line) => line.text.trim()),
    ['{"a":1}', 'zwölf', 'last'],
  )
  assert.equal(await all(100, ...text.split('')), whole)
})

lines('have their place in bytes and their number, blank ones counted', async () => {
  const [first, second] = await all(100, '\nä\nb')
  assert.equal(first, { number: 2, offset: 1, bytes: 2, text: 'ä' })
  assert.equal(second, { number: 3, offset: 4, bytes: 1, text: 'b' })
})

lines('that are too long come without their text, and the next are whole', async () => {
  const found = await all(4, 'abcdefgh\nij\n')
  assert.equal(
    found.map(({ text, bytes }) => [text, bytes]),
    [
      ['', 8],
      ['ij', 2],
    ],
  )
})

lines.run()
