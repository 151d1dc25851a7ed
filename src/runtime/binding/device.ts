/**
 * Where sessions compute. A GPU has memory of its own: a model that fits is held there as a whole, K/V rows included;
 * of a larger one layers are read into pinned memory, which it copies from without the processor's help.
 */
import { RuntimeError } from '../../spec/errors.js'
import { checksHere, cudaFault } from '../device/cuda-fault.js'
import { nvidiaFacts } from '../device/nvidia.js'
import { loadOrtApi, type OrtApi, type Pointer } from './api.js'
import { cudaLibraryPath, libraryPath } from './library.js'
import { NameTable } from './ort-values.js'

/** Kinds of devices. */
export const DEVICE_NAMES = ['cpu', 'cuda'] as const
/** What a model's passes compute on. */
export type DeviceName = (typeof DEVICE_NAMES)[number]
/** A device: of several GPUs the first, or the one of that number. */
export type DeviceAddress = DeviceName | `cuda:${number}`

export interface Device {
  readonly name: DeviceName
  /** Whether what a session computes with is copied there from where it was read to. */
  readonly isApart: boolean
  /** ONNX Runtime's name for who computes there. */
  readonly provider: string
  /** The library that its sessions are opened with. */
  library(): string
  /** Why nothing can compute there, as the end of a sentence; null where it can. */
  fault(): Promise<string | null>
  /** Bytes of its memory that are free; null where nobody knows. */
  freeBytes(): Promise<number | null>
  /** Lets a session under these options compute there. Throws `RuntimeError` where it cannot be had. */
  addTo(api: OrtApi, options: Pointer): void
  /** The same device for sessions whose passes may be replayed as graphs; null where it has none. */
  readonly replaying: Device | null
  /** ONNX Runtime's memory of the device and of the host beside it; null where any memory will do. */
  readonly memory: { own: MemoryKind; host: MemoryKind } | null
}

/** What ONNX Runtime's `CreateMemoryInfo` takes: name, kind of allocator, device, kind of memory. */
export type MemoryKind = readonly [name: string, allocator: number, device: number, memory: number]

const DEVICE_ALLOCATOR = 0
const DEFAULT_MEMORY = 0

export const CPU: Device = {
  name: 'cpu',
  isApart: false,
  provider: 'CPUExecutionProvider',
  library: () => libraryPath(),
  fault: async () => null,
  freeBytes: async () => null,
  memory: null,
  addTo: () => undefined,
  replaying: null,
}

/** An NVIDIA GPU by its number. `more`: options of ONNX Runtime's provider. */
export function cuda(index: number, more: Readonly<Record<string, string>> = {}): Device {
  const options = {
    device_id: String(index),
    // The GPU's arena grows by what is asked for, not by powers of two: layers are large.
    arena_extend_strategy: 'kSameAsRequested',
    // float32 is float32: the processor's short form of it would be less.
    use_tf32: '0',
    ...more,
  }
  const device: Device = {
    name: 'cuda',
    isApart: true,
    provider: 'CUDAExecutionProvider',
    library: () => cudaLibraryPath(),
    fault: () =>
      cudaFault(
        index,
        checksHere(loadOrtApi, (api, made) => device.addTo(api, made)),
      ),
    freeBytes: async () => (await nvidiaFacts())?.gpus?.find((gpu) => gpu.index === index)?.freeBytes ?? null,
    memory: {
      own: ['Cuda', DEVICE_ALLOCATOR, index, DEFAULT_MEMORY],
      host: ['CudaPinned', DEVICE_ALLOCATOR, index, DEFAULT_MEMORY],
    },
    get replaying() {
      return cuda(index, { enable_cuda_graph: '1' })
    },
    addTo(api, sessionOptions) {
      let made: Pointer = 0n
      try {
        made = api.create('CreateCUDAProviderOptions', [])
        const [keys, values] = [new NameTable(api, Object.keys(options)), new NameTable(api, Object.values(options))]
        api.call('UpdateCUDAProviderOptions', made, keys.address, values.address, Object.keys(options).length)
        api.call('SessionOptionsAppendExecutionProvider_CUDA_V2', sessionOptions, made)
      } catch (cause) {
        throw new RuntimeError(
          `device "cuda" cannot be had: ${cause instanceof Error ? cause.message : String(cause)}; ` +
            '"sequoia gpu" says what is missing (docs/gpu.md), or leave device out',
          { cause },
        )
      } finally {
        if (made !== 0n) api.release('ReleaseCUDAProviderOptions', made)
      }
    },
  }
  return device
}

/** By kind; of several of a kind by number. */
export const DEVICES: Record<DeviceName, (index: number) => Device> = { cpu: () => CPU, cuda }

/** The kind of a device, and its number. */
export function partsOf(address: DeviceAddress): [kind: DeviceName, index: number] {
  const [kind, index = '0'] = address.split(':')
  return [kind as DeviceName, Number(index)]
}

export function deviceAt(address: DeviceAddress): Device {
  const [kind, index] = partsOf(address)
  return DEVICES[kind](index)
}
