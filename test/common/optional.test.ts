import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { ifInstalled } from '../../src/common/optional.js'

const missing = (name: string): NodeJS.ErrnoException =>
  Object.assign(new Error(`Cannot find package '${name}' imported from /app`), { code: 'ERR_MODULE_NOT_FOUND' })

test('a package that is there is what it exports, and one that is not is null', async () => {
  assert.is((await ifInstalled('uvu', () => import('uvu')))!.test, test)
  assert.is(await ifInstalled('peer', () => Promise.reject(missing('peer'))), null)
  for (const name of ['peer', 'its-peer'])
    assert.is(await ifInstalled(['peer', 'its-peer'], () => Promise.reject(missing(name))), null)
  const absent = 'sequoia-onnx-is-not-there'
  assert.is(await ifInstalled(absent, () => import(absent)), null)
})

test('a package that is there but broken is an error: another that it needs is missing, or it throws', async () => {
  for (const fault of [missing('peer-needs-this'), new Error("'peer' threw")])
    assert.is(await ifInstalled('peer', () => Promise.reject(fault)).catch((error: Error) => error), fault)
})

test.run()
