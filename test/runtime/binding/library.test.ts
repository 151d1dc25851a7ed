import { existsSync } from 'node:fs'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { libraryPath } from '../../../src/runtime/binding/library.js'
import { RuntimeError } from '../../../src/spec/errors.js'

test('the library is found for every platform that onnxruntime-node ships', () => {
  assert.ok(existsSync(libraryPath()))
  assert.match(libraryPath('linux', 'x64'), /linux.x64.libonnxruntime\.so\.1$/)
  assert.match(libraryPath('darwin', 'arm64'), /darwin.arm64.libonnxruntime\.1\.dylib$/)
  assert.match(libraryPath('win32', 'x64'), /win32.x64.onnxruntime\.dll$/)
})

test('a platform and a processor without one are refused by name, with what to do', () => {
  for (const [platform, arch] of [
    ['sunos', 'x64'],
    ['linux', 'sparc'],
  ] as const)
    assert.throws(
      () => libraryPath(platform, arch),
      (error: Error) =>
        error instanceof RuntimeError &&
        error.message.includes(`no library for ${platform} ${arch}`) &&
        error.message.includes("use runtime 'portable'"),
    )
})

test.run()
