import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { adviceFor } from '../../../src/cli/doctor/advice.js'
import { machine } from '../../support/machine-facts.js'

const told = (...change: Parameters<typeof machine>): string => adviceFor(machine(...change)).join('\n')

test('a quick machine gets no advice', () => {
  assert.is(told(), '')
})

test('each thing in the way is named, with what would help', () => {
  assert.match(told({ runtime: { kind: 'portable', why: 'koffi is missing' } }), /binding is quicker.*koffi is missing/)
  assert.match(told({ exact: { q4: false } }), /In q4 this processor's bits .* up to ties/)
  assert.match(told({ processor: { usable: 2 } }), /2 of 8 cores/)
  assert.match(told({ processor: { load: 9 } }), /load 9\.0 on 8 cores.*sequoia tune/)
  assert.match(told({ processor: { extensions: ['avx2'] } }), /VNNI/)
  assert.match(told({ memory: { free: 9e8 } }), /--memory 500MB/)
  assert.match(told({ memory: { limit: 5e8 } }), /--memory 500MB/, 'what a container allows counts')
  assert.match(told({ cache: { free: 1e9 } }), /sequoia rm/)
  assert.match(told({ cache: { outdated: 2 } }), /2 imports are of another release/)
  assert.match(told({ cache: { timings: 0 } }), /sequoia tune/)
  assert.match(told({ cache: { fault: 'EROFS' } }), /cannot be used \(EROFS\).*XDG_CACHE_HOME/)
  assert.match(told({ gpu: { driver: true } }), /"sequoia gpu" says/)
})

test('what keeps it from running comes first, and Alpine is told of glibc', () => {
  const change = { runtime: { kind: null, why: 'no such file' }, system: { libc: 'musl' as const }, exact: {} }
  const [first] = adviceFor(machine({ ...change, memory: { free: 1 } }))
  assert.match(first, /^ONNX Runtime does not load: no such file\. .*glibc.*Alpine/)
})

test('a processor whose extensions the system does not tell is not blamed for them', () => {
  assert.is(told({ processor: { extensions: [] } }), '')
})

test.run()
