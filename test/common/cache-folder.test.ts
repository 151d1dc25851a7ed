import { homedir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { cacheFolder } from '../../src/common/cache-folder.js'

const home = homedir()

test("it is the platform's own folder for caches", () => {
  assert.is(cacheFolder({}, 'linux'), join(home, '.cache', 'sequoia-onnx'))
  assert.is(cacheFolder({}, 'darwin'), join(home, 'Library', 'Caches', 'sequoia-onnx'))
  assert.is(cacheFolder({}, 'win32'), join(home, 'AppData', 'Local', 'sequoia-onnx', 'cache'))
})

test('the environment moves it, XDG_CACHE_HOME on every platform and LOCALAPPDATA on Windows', () => {
  for (const platform of ['linux', 'darwin', 'win32'] as const)
    assert.is(cacheFolder({ XDG_CACHE_HOME: '/x', LOCALAPPDATA: '/l' }, platform), join('/x', 'sequoia-onnx'))
  assert.is(cacheFolder({ LOCALAPPDATA: '/l' }, 'win32'), join('/l', 'sequoia-onnx', 'cache'))
  assert.is(cacheFolder({ XDG_CACHE_HOME: '' }, 'linux'), join(home, '.cache', 'sequoia-onnx'))
})

test.run()
