import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { Session } from '../../../src/runtime/binding/session.js'
import type { NameTable } from '../../../src/runtime/binding/ort-values.js'
import { Call } from '../../../src/runtime/streamed/session-call.js'
import type { NamedTensor } from '../../../src/runtime/tensor.js'
import { fakeApi } from '../fake-api.js'

interface Run {
  inputs: bigint[]
  outputs: bigint[]
  tables: [inputs: NameTable, outputs: NameTable]
}

/** A session of these inputs that keeps what it is run with. */
function sessionOf(inputNames: string[]): { session: Session; runs: Run[]; disposed: () => boolean } {
  const runs: Run[] = []
  let isDisposed = false
  const session: Pick<Session, 'inputNames' | 'outputNames' | 'run' | 'dispose'> = {
    inputNames,
    outputNames: [],
    run: async (inputTable, inputs, outputTable, outputs) => {
      runs.push({ inputs: [...inputs], outputs: [...outputs], tables: [inputTable, outputTable] })
    },
    dispose: () => (isDisposed = true),
  }
  return { session: session as Session, runs, disposed: () => isDisposed }
}

const tensor = (name: string): NamedTensor => ({ name, type: 'float32', data: new Float32Array(1), dims: [1] })
test('a graph gets the inputs that it names, in its order, and no others', async () => {
  const { session, runs } = sessionOf(['mask', 'x'])
  const call = new Call(fakeApi().api, session, null)
  const [x, mask, other] = ['x', 'mask', 'logit_rows'].map(tensor)
  await call.run([x, other, mask], [tensor('logits')])
  await call.run([mask, x], [tensor('logits')])
  const [first, second] = runs
  assert.is(first.inputs.length, 2)
  assert.is.not(first.inputs[0], first.inputs[1])
  assert.equal(second.inputs, first.inputs, 'the order given does not matter')
})

test('a layer’s weights come after its inputs, K and V last; K and V are outputs as well', async () => {
  const { session, runs } = sessionOf(['w1', 'x', 'k_cache', 'w2', 'v_cache'])
  const call = new Call(fakeApi().api, session, ['w1', 'w2'])
  await call.run([tensor('x')], [tensor('x_out')], {
    weights: BigUint64Array.of(11n, 12n),
    cache: { k: 21n, v: 22n },
  })
  assert.equal(runs[0].inputs.slice(1), [11n, 12n, 21n, 22n])
  assert.equal(runs[0].outputs.slice(1), [21n, 22n])
})

test('each number of outputs has its table of names, made once', async () => {
  const { session, runs } = sessionOf(['x'])
  const call = new Call(fakeApi().api, session, null)
  const [x, logits, hidden] = ['x', 'logits', 'hidden'].map(tensor)
  for (const outputs of [[logits], [logits, hidden], [logits]]) await call.run([x], outputs)
  const tables = runs.map(({ tables: [, outputs] }) => outputs)
  assert.ok(tables[0] === tables[2] && tables[0] !== tables[1])
})

test('its values and its session go with it', async () => {
  const { api, living } = fakeApi()
  const { session, disposed } = sessionOf(['x'])
  const call = new Call(api, session, null)
  await call.run([tensor('x')], [tensor('logits')])
  assert.is(living.size, 2)
  call.dispose()
  assert.ok(living.size === 0 && disposed())
})

test.run()
