/** Types of the entry points for CommonJS, as the build leaves them. */
import { spawnSync } from 'node:child_process'
import { test } from 'uvu'
import * as assert from 'uvu/assert'

test('a CommonJS module in TypeScript takes the package under `module: node16`, libraries checked as well', () => {
  const { status, stdout } = spawnSync('npx', ['--no-install', 'tsc', '-p', 'test/fixtures/types'], {
    encoding: 'utf8',
    shell: process.platform === 'win32',
  })
  assert.is(status, 0, stdout)
})

test.run()
