/** What must agree for two engines to write the same text. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { fingerprintOf } from '../../src/open/fingerprint.js'

const checks = { 'graph.onnx': { bytes: 1, sha256: 'a' }, 'weights.bin': { bytes: 2, sha256: 'b' } }

test('equal files give equal prints on one machine, in whatever order they are listed', () => {
  const print = fingerprintOf({ checks }, {})
  assert.match(print, /^[0-9a-f]{16}$/)
  assert.is(fingerprintOf({ checks: Object.fromEntries(Object.entries(checks).reverse()) }, {}), print)
})

test('another content of any file is another print', () => {
  const other = { ...checks, 'weights.bin': { bytes: 2, sha256: 'c' } }
  assert.is.not(fingerprintOf({ checks: other }, {}), fingerprintOf({ checks }, {}))
})

test('other defaults of sampling are another print', () => {
  assert.is.not(fingerprintOf({ checks }, { topK: 20 }), fingerprintOf({ checks }, {}))
})

test.run()
