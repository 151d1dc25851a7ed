/**
 * Where sessions compute. On a GPU, layers are read from disk into pinned memory, which it copies from without the
 * processor's help, and the copies that it computes with are its own.
 */
import { RuntimeError } from '../../spec/errors.js'
import type { OrtApi, Pointer } from './api.js'
import { NameTable } from './values.js'

/** Names of the devices. */
export const DEVICE_NAMES = ['cpu', 'cuda'] as const
/** Where a model's passes compute. */
export type DeviceName = (typeof DEVICE_NAMES)[number]

export interface Device {
  readonly name: DeviceName
  /** Whether what a session computes with is copied there from where it was read to. */
  readonly isApart: boolean
  /** Lets a session under these options compute there. Throws `RuntimeError` where it cannot be had. */
  addTo(api: OrtApi, options: Pointer): void
  /** ONNX Runtime's memory of the device and of the host beside it; null where any memory will do. */
  readonly memory: { own: MemoryKind; host: MemoryKind } | null
}

/** What ONNX Runtime's `CreateMemoryInfo` takes: name, kind of allocator, device, kind of memory. */
export type MemoryKind = readonly [name: string, allocator: number, device: number, memory: number]

const DEVICE_ALLOCATOR = 0
const DEFAULT_MEMORY = 0
/** The GPU's arena grows by what is asked for, not by powers of two: layers are large. */
const CUDA_OPTIONS = { device_id: '0', arena_extend_strategy: 'kSameAsRequested' }

export const CPU: Device = { name: 'cpu', isApart: false, memory: null, addTo: () => undefined }

/** The first NVIDIA GPU. */
export const CUDA: Device = {
  name: 'cuda',
  isApart: true,
  memory: {
    own: ['Cuda', DEVICE_ALLOCATOR, 0, DEFAULT_MEMORY],
    host: ['CudaPinned', DEVICE_ALLOCATOR, 0, DEFAULT_MEMORY],
  },
  addTo(api, options) {
    let cuda: Pointer = 0n
    try {
      cuda = api.create('CreateCUDAProviderOptions', [])
      const [keys, values] = [
        new NameTable(api, Object.keys(CUDA_OPTIONS)),
        new NameTable(api, Object.values(CUDA_OPTIONS)),
      ]
      api.call('UpdateCUDAProviderOptions', cuda, keys.address, values.address, Object.keys(CUDA_OPTIONS).length)
      api.call('SessionOptionsAppendExecutionProvider_CUDA_V2', options, cuda)
    } catch (cause) {
      throw new RuntimeError(
        `device "cuda" cannot be had: ${cause instanceof Error ? cause.message : String(cause)}; ` +
          'docs/gpu.md says what it takes, or leave device out',
        { cause },
      )
    } finally {
      if (cuda !== 0n) api.release('ReleaseCUDAProviderOptions', cuda)
    }
  },
}

export const DEVICES: Readonly<Record<DeviceName, Device>> = { cpu: CPU, cuda: CUDA }
