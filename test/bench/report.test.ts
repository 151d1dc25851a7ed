import { readFileSync } from 'node:fs'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { reported } from '../../bench/report.js'

const read = (path: string): string => readFileSync(path, 'utf8')

for (const [path, text] of Object.entries(reported(read)))
  test(`${path} holds the figures of bench/results; else: npm run bench -- report`, () => {
    assert.is(read(path), text)
  })

test.run()
