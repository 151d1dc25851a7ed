import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { packageSource } from '../../../src/import/pull/package-source.js'

const FILE = 'LICENSE'
const bytes = readFileSync(FILE)
const facts = { bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') }
const context = { dir: '', onProgress: () => {} }

test('a file of the package is found where it is whole', async () => {
  assert.match(String(await packageSource(FILE, facts).find('')), /LICENSE$/)
})

test('one that was changed, is cut off or missing is refused, with what is wrong and how to mend it', async () => {
  for (const [file, wrong, message] of [
    [
      FILE,
      { ...facts, sha256: facts.sha256.replace(/./, (digit) => (digit === '0' ? '1' : '0')) },
      /LICENSE has SHA-256 .*, expected .*install the package again/,
    ],
    [FILE, { ...facts, bytes: facts.bytes + 1 }, /LICENSE has \d+ bytes, expected \d+; install the package again/],
    ['models/nothing.gguf', facts, /nothing\.gguf is missing; install the package again/],
  ] as const) {
    const source = packageSource(file, wrong)
    assert.is(await source.find(''), null)
    const error = await source.fetch(context).catch((error: Error) => error)
    assert.ok(error instanceof Error)
    assert.match(error.message, message)
  }
})

test.run()
