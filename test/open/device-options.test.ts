import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { refuseForDevice } from '../../src/open/device-options.js'
import { InvalidArgumentError } from '../../src/spec/errors.js'

function refused(...given: Parameters<typeof refuseForDevice>): [param: string, message: string] {
  try {
    refuseForDevice(...given)
  } catch (error) {
    assert.instance(error, InvalidArgumentError)
    return [(error as InvalidArgumentError).param, (error as Error).message]
  }
  return ['', '']
}

test('options of a GPU go with one, and those of a CPU with that', () => {
  assert.is(refused('cpu', { runtime: 'portable', memory: '1GB', cudaGraphs: false })[0], '')
  assert.is(refused('cuda', { cudaGraphs: true, deviceMemory: '1GB', runtime: 'binding' })[0], '')
  assert.is(refused('cuda', { memory: '1GB', deviceMemory: '1GB' })[0], '')
})

test('what does not go together is refused by name, with what would', () => {
  const cases: [...Parameters<typeof refuseForDevice>, string, RegExp][] = [
    ['cpu', { deviceMemory: '1GB' }, 'deviceMemory', /give device: "cuda" with it, or memory for a CPU/],
    ['cuda', { runtime: 'portable' }, 'runtime', /"portable" reaches no GPU/],
    ['cpu', { cudaGraphs: true }, 'cudaGraphs', /holds as a whole; give device: "cuda" with it and no memory/],
    ['cuda', { cudaGraphs: true, memory: '1GB' }, 'cudaGraphs', /holds as a whole/],
    ['cuda', { cudaGraphs: 'on' as unknown as boolean }, 'cudaGraphs', /must be true or false; got "on"/],
  ]
  for (const [device, options, param, message] of cases) {
    const [found, text] = refused(device, options)
    assert.is(found, param)
    assert.match(text, message)
  }
})

test.run()
