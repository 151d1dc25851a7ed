import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { WordWrap } from '../../src/cli/word-wrap.js'

const [GREEN, PLAIN] = ['\u001b[32m', '\u001b[39m']

/** What a terminal of 40 columns gets, piece by piece. */
function terminal(columns: number | undefined = 40): { wrap: WordWrap; shown: () => string } {
  let shown = ''
  const stream = { columns: columns as number, write: (text: string) => ((shown += text), true) }
  return { wrap: new WordWrap(stream), shown: () => shown }
}

function wrapped(pieces: readonly string[], columns?: number): string {
  const { wrap, shown } = terminal(columns)
  for (const piece of pieces) wrap.add(piece)
  wrap.end()
  return shown()
}

const thirty = 'a'.repeat(30)

test('a word that would cross the edge begins a new line, however its pieces come', () => {
  assert.is(wrapped([thirty, ' yes', 'ter', 'day it', ' rained\n', 'now']), `${thirty} yesterday\nit rained\nnow`)
  assert.is(wrapped([`${thirty} some`, 'where']), `${thirty} somewhere`)
  assert.is(wrapped([`${thirty} some`, 'where else']), `${thirty} somewhere\nelse`)
})

test('a word is shown when it has ended, and one longer than a line is left to the terminal', () => {
  const { wrap, shown } = terminal()
  wrap.add('Hel')
  assert.is(shown(), '')
  wrap.add('lo ')
  assert.is(shown(), 'Hello')
  wrap.add(`${'x'.repeat(90)} y`)
  wrap.end()
  assert.is(shown(), `Hello\n${'x'.repeat(90)} y`)
})

test('colours take no room, and letters of two columns take two', () => {
  const tinted = `${GREEN} seven${PLAIN}`
  assert.is(wrapped([thirty, tinted, ' x', ' yz']), `${thirty}${tinted} x\nyz`)
  assert.is(wrapped([`${'한'.repeat(15)} 한한한한`, ' 한']), `${'한'.repeat(15)} 한한한한\n한`)
})

test('scripts without spaces are shown at once', () => {
  const { wrap, shown } = terminal()
  wrap.add('日本')
  assert.is(shown(), '日本')
})

test('code keeps its lines and its spaces, and a text behind it is broken again', () => {
  const line = `  ${thirty}  # a remark`
  const code = `\`\`\`js\n${line}\n\`\`\`\n`
  assert.is(wrapped([code, `${thirty} a longer word`]), `${code}${thirty} a longer\nword`)
})

test('where there is no terminal, or hardly any room, text passes as it is', () => {
  for (const columns of [undefined, 20]) {
    let shown = ''
    const wrap = new WordWrap({ columns: columns as number, write: (text: string) => ((shown += text), true) })
    wrap.add(`${thirty} somewhere `)
    assert.is(shown, `${thirty} somewhere `)
  }
})

test.run()
