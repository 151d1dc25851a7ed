/**
 * A device that is apart, on any machine: it computes on the processor, but its memory comes from an allocator of its
 * own and is reached by the API's copies alone. Tests put it where a GPU would be; nobody else can ask for it.
 */
import { loadOrtApi, type OrtApi, type Pointer } from '../../src/runtime/binding/api.js'
import { CPU, type Device } from '../../src/runtime/binding/device.js'
import { DeviceMemory } from '../../src/runtime/device/memory.js'

const DEVICE_ALLOCATOR = 0

export const STAND_IN: Device = {
  ...CPU,
  name: 'cuda',
  isApart: true,
  freeBytes: async () => null,
  memory: { own: ['Cpu', DEVICE_ALLOCATOR, 0, 0], host: ['Cpu', DEVICE_ALLOCATOR, 0, 0] },
}

/** Memory of the stand-in without a model. */
export async function standInMemory(): Promise<{ api: OrtApi; memory: DeviceMemory }> {
  const api = await loadOrtApi()
  return { api, memory: await DeviceMemory.open(api, STAND_IN) }
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
