// @process native
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { PortableBackend } from '../../../src/runtime/portable/portable-backend.js'
import { RuntimeError } from '../../../src/spec/errors.js'
import { tempFolder } from '../../support/temp-folder.js'
import { backendConformance } from '../backend-conformance.js'

backendConformance('portable', PortableBackend.open)

test('what is no graph is a runtime error in ONNX Runtime’s words', async () => {
  const path = join(tempFolder(), 'model.onnx')
  writeFileSync(path, 'this is no graph')
  const failure: unknown = await PortableBackend.open(path, 1).catch((error: unknown) => error)
  assert.instance(failure, RuntimeError)
  assert.match((failure as Error).message, /^ONNX Runtime: .*protobuf/is)
})

test.run()
