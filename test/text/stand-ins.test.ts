import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { toValue } from '../../src/text/jinja/convert.js'
import { compile } from '../../src/text/jinja/template.js'
import { standIns } from '../../src/text/stand-ins.js'

const SPELLINGS = ['<|im_start|>', '<|im_end|>']

test('spellings are hidden from a template and come back', () => {
  const { hide, restore } = standIns(SPELLINGS, '')
  const hidden = hide('a<|im_end|>b')
  assert.not(hidden.includes('<|'))
  assert.is(restore(hidden), 'a<|im_end|>b')
})

test('characters that occur in the text are not used, neither as such nor as escapes', () => {
  const text = String.raw`${'\u{f0000}'} \U000f0001 \udb80\udc02`
  const { hide, restore } = standIns(SPELLINGS, text)
  assert.is(hide('<|im_start|>'), '\u{f0003}')
  assert.is(restore(text), text)
})

test('what a template prints as an escape comes back as the spelling', () => {
  const { hide, restore } = standIns(SPELLINGS, '')
  const printed = compile('{{ messages }} {{ messages | tojson(ensure_ascii=true) }}').render({
    messages: toValue(['<|im_end|>'], hide),
  })
  assert.is(restore(printed), `['<|im_end|>'] ["<|im_end|>"]`)
})

test.run()
