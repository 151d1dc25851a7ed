import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { readText, readTextSync, withoutMark } from '../../src/common/read-text.js'
import { tempFolder } from '../support/temp-folder.js'

test('a byte order mark is ignored where a text begins, and kept inside', async () => {
  const path = join(tempFolder(), 'text.json')
  writeFileSync(path, '\uFEFF{"a":"\uFEFF"}')
  assert.is(await readText(path), '{"a":"\uFEFF"}')
  assert.is(readTextSync(path), '{"a":"\uFEFF"}')
  assert.is(withoutMark('plain'), 'plain')
})

test('only the first of two marks is one', () => {
  assert.is(withoutMark('\uFEFF\uFEFFa'), '\uFEFFa')
})

test.run()
