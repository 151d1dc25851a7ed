/** An imported model's text side, from its folder. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { openText } from '../../src/text/open-text.js'
import { errorOf } from '../support/desk.js'
import { tempFolder } from '../support/temp-folder.js'
import { textSource } from '../support/text-source.js'

test('tokenizer and template are those of the folder', async () => {
  const { tokenizer, template } = await openText(textSource())
  assert.is(tokenizer.decode(template!.encode([{ role: 'user', content: 'Hi' }])), 'user:Hi;')
})

test('a model without a template has none', async () => {
  const { manifest, ...source } = textSource()
  assert.is((await openText({ ...source, manifest: { ...manifest, chatTemplate: null } })).template, null)
})

test('a tokenizer that is gone or damaged names its file', async () => {
  const dir = tempFolder()
  const { code, message } = await errorOf(() => openText({ ...textSource(), dir }))
  assert.is(code, 'model_not_found')
  assert.ok(message.includes(join(dir, 'tokenizer.json')))
  writeFileSync(join(dir, 'tokenizer.json'), '{')
  assert.is((await errorOf(() => openText({ ...textSource(), dir }))).code, 'model_invalid')
})

test.run()
