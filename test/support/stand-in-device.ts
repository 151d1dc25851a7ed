/**
 * A device that is apart, on any machine: it computes on the processor, but its memory comes from an allocator of its
 * own and is reached by the API's copies alone. Tests put it where a GPU would be; nobody else can ask for it.
 */
import { loadOrtApi, type OrtApi, type Pointer } from '../../src/runtime/binding/api.js'
import { CPU, type Device } from '../../src/runtime/binding/device.js'
import { DeviceMemory } from '../../src/runtime/device/memory.js'

const DEVICE_ALLOCATOR = 0

/** Session options of sessions whose passes may be replayed. */
export const replayingOptions = new Set<Pointer>()

const FRESH: Device = {
  ...CPU,
  name: 'cuda',
  isApart: true,
  freeBytes: async () => null,
  memory: { own: ['Cpu', DEVICE_ALLOCATOR, 0, 0], host: ['Cpu', DEVICE_ALLOCATOR, 0, 0] },
}

/** Passes that are replayed are run afresh here; `watchReplays` holds them to what a recording would. */
export const STAND_IN: Device = {
  ...FRESH,
  replaying: { ...FRESH, addTo: (_, options) => void replayingOptions.add(options) },
}

/** Memory of the stand-in without a model. */
export async function standInMemory(): Promise<{ api: OrtApi; memory: DeviceMemory }> {
  const api = await loadOrtApi()
  return { api, memory: await DeviceMemory.open(api, STAND_IN) }
}

/** OrtValues that are made from here on and not released; `stop` ends the watching. */
export function watchValues(api: OrtApi): { held: Set<Pointer>; stop: () => void } {
  const held = new Set<Pointer>()
  const [create, release] = [api.create.bind(api), api.release.bind(api)]
  api.create = (name, args) => {
    const made = create(name, args)
    if (name.startsWith('CreateTensor')) held.add(made)
    return made
  }
  api.release = (name, object) => {
    if (name === 'ReleaseValue') held.delete(object)
    release(name, object)
  }
  return {
    held,
    stop: () => {
      for (const name of ['create', 'release']) Reflect.deleteProperty(api, name)
    },
  }
}

/** Blocks of the device's memory that are taken from here on and not given back; `stop` ends the watching. */
export function watchBlocks(api: OrtApi): { held: Set<Pointer>; taken: () => number; stop: () => void } {
  const held = new Set<Pointer>()
  let taken = 0
  const [call, callAsync] = [api.call.bind(api), api.callAsync.bind(api)]
  api.callAsync = async (name, ...args) => {
    await callAsync(name, ...args)
    if (name !== 'AllocatorAlloc') return
    const [address] = new BigUint64Array(api.view(args[2] as Pointer, 8))
    held.add(address)
    taken++
  }
  api.call = (name, ...args) => {
    if (name === 'AllocatorFree') held.delete(args[1] as Pointer)
    call(name, ...args)
  }
  return {
    held,
    taken: () => taken,
    stop: () => {
      for (const name of ['call', 'callAsync']) Reflect.deleteProperty(api, name)
    },
  }
}

/** Addresses that JavaScript looks at from here on; `stop` ends the watching. */
export function watchViews(api: OrtApi): { seen: { address: Pointer; bytes: number }[]; stop: () => void } {
  const seen: { address: Pointer; bytes: number }[] = []
  const view = api.view.bind(api)
  api.view = (address, bytes) => {
    seen.push({ address, bytes })
    return view(address, bytes)
  }
  return { seen, stop: () => Reflect.deleteProperty(api, 'view') }
}
