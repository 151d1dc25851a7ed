import { WriteStream } from 'node:tty'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { hasColours } from '../../src/cli/has-colours.js'

test('colours are for terminals that have them, and NO_COLOR and TERM=dumb are heard', () => {
  const stream = (isTTY: boolean) =>
    Object.assign(Object.create(WriteStream.prototype) as NodeJS.WriteStream, { isTTY })
  const env = { TERM: 'xterm-256color' }
  assert.is(hasColours(stream(true), env), true)
  assert.is(hasColours(stream(false), env), false)
  assert.is(hasColours(stream(true), { ...env, NO_COLOR: '1' }), false)
  assert.is(hasColours(stream(true), { TERM: 'dumb' }), false)
})

test.run()
