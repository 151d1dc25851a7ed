import { test } from 'uvu'
import * as assert from 'uvu/assert'
import {
  BoundValue,
  cpuBinder,
  createOwnValue,
  createValue,
  NameTable,
} from '../../../src/runtime/binding/ort-values.js'
import { fakeApi } from '../fake-api.js'

test('a value is bound once for the same memory and shape, and anew for any other, the old one released', () => {
  const { api, living } = fakeApi()
  const bound = new BoundValue(api, 'float32')
  const data = new Float32Array(8)
  const first = bound.bind(data, [2, 4])
  assert.is(bound.bind(new Float32Array(data.buffer), [2, 4]), first, 'another view of the same memory')
  const others = [
    bound.bind(data, [4, 2]),
    bound.bind(data, [8]),
    bound.bind(data.subarray(1), [7]),
    bound.bind(new Float32Array(7), [7]),
  ]
  assert.is(new Set([first, ...others]).size, 5)
  assert.equal([...living.keys()], [others[3]], 'one lives at a time')
  bound.dispose()
  bound.dispose()
  assert.is(living.size, 0)
  assert.is.not(bound.bind(data, [8]), others[3], 'it may be bound again')
})

test('a tensor is told by address, bytes, shape and ONNX’s number of its type', () => {
  const { api, last } = fakeApi()
  const types = [
    [new Float32Array(6), 'float32', 1, 24],
    [new Uint8Array(6), 'uint8', 2, 6],
    [new Int8Array(6), 'int8', 3, 6],
    [new BigInt64Array(6), 'int64', 7, 48],
    [new Uint8Array(6), 'bool', 9, 6],
    [new Uint16Array(6), 'float16', 10, 12],
  ] as const
  for (const [data, type, number, bytes] of types) {
    createValue(api, type, data, [2, 3])
    const [info, address, length, shape, rank, element] = last.CreateTensorWithDataAsOrtValue
    assert.equal([info, address, length, rank, element], [api.cpu, api.address(data), bytes, 2, number], type)
    assert.equal([...(shape as BigInt64Array)], [2n, 3n])
  }
})

test('a tensor without elements has an address all the same', () => {
  const { api, last } = fakeApi()
  const data = new Float32Array(0)
  createValue(api, 'float32', data, [0, 4])
  const [, address, length] = last.CreateTensorWithDataAsOrtValue
  assert.is(length, 0)
  assert.is.not(address, api.address(data))
})

test('a value with memory of its own comes from the allocator, and a cache’s value is released by its binder', () => {
  const { api, last, living } = fakeApi()
  createOwnValue(api, 7n, 'int8', [3])
  assert.equal([last.CreateTensorAsOrtValue[0], last.CreateTensorAsOrtValue[3]], [7n, 3])
  living.clear()
  const binder = cpuBinder(api)
  binder.release(binder.bind({ type: 'int8', data: new Int8Array(2), dims: [2] }))
  assert.is(living.size, 0)
})

test('a table of names is their addresses, each text ended by a zero', () => {
  const { api } = fakeApi()
  const texts: string[] = []
  let pointers: BigUint64Array | undefined
  const address = api.address.bind(api)
  api.address = (view) => {
    if (view instanceof BigUint64Array) pointers = view
    else texts.push(Buffer.from(view as Uint8Array).toString())
    return address(view)
  }
  const table = new NameTable(api, ['x', 'mask'])
  assert.equal(texts, ['x\0', 'mask\0'])
  assert.is(pointers!.length, 2)
  assert.is(table.address, address(pointers!))
})

test.run()
