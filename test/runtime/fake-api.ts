/** ONNX Runtime's C API without the library: objects are numbers, and what is made and released is kept. */
import type { OrtApi, Pointer } from '../../src/runtime/binding/api.js'

type Faked = Pick<
  OrtApi,
  'address' | 'allocator' | 'call' | 'callAsync' | 'cpu' | 'create' | 'env' | 'readString' | 'release'
>

export interface FakeApi {
  api: OrtApi
  /** Objects that were made and not released since, by number: what made them. */
  living: Map<Pointer, string>
  /** Names of functions, in the order of their calls; `create` and `release` among them. */
  calls: string[]
  /** Arguments of the last call of each function. */
  last: Record<string, readonly unknown[]>
  /** Functions that fail, and why. */
  failures: Record<string, Error>
}

/** `strings`: what is read at an address. */
export function fakeApi(strings: (pointer: Pointer) => string = String): FakeApi {
  const living = new Map<Pointer, string>()
  const addresses = new Map<unknown, Pointer>()
  let next = 100n
  const fake: Omit<FakeApi, 'api'> = { living, calls: [], last: {}, failures: {} }
  const called = (name: string, args: readonly unknown[]): void => {
    fake.calls.push(name)
    fake.last[name] = args
    if (fake.failures[name]) throw fake.failures[name]
  }
  const api: Faked = {
    allocator: 1n,
    cpu: 2n,
    env: 3n,
    address(view) {
      if (!addresses.has(view)) addresses.set(view, (next += 1n))
      return addresses.get(view)!
    },
    call: (name, ...args) => called(name, args),
    callAsync: async (name, ...args) => called(name, args),
    create(name, args) {
      called(name, args)
      living.set((next += 1n), name)
      return next
    },
    readString: strings,
    release(name, object) {
      if (object === 0n) return
      called(name, [object])
      if (!living.delete(object)) throw new Error(`${name}: ${object} is released and was not there`)
    },
  }
  return Object.assign(fake, { api: api as OrtApi })
}
