import { linkSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { bytesOf, bytesOnce } from '../../src/import/disk-bytes.js'
import { tempFolder } from '../support/temp-folder.js'

test('a folder takes what its files do, each as a whole; of several folders a shared file counts once', async () => {
  const dir = tempFolder()
  const [first, second] = [join(dir, 'first'), join(dir, 'second')]
  mkdirSync(join(first, 'below'), { recursive: true })
  mkdirSync(second)
  writeFileSync(join(first, 'weights'), new Uint8Array(100))
  writeFileSync(join(first, 'below', 'graph'), new Uint8Array(5))
  linkSync(join(first, 'weights'), join(second, 'weights'))
  assert.equal([await bytesOf(first), await bytesOf(second), await bytesOf(join(dir, 'none'))], [105, 100, 0])
  assert.is(await bytesOnce([first, second]), 105)
})

test.run()
