/**
 * ONNX Runtime's C API through koffi: the functions we use, by their place in `struct OrtApi` (append-only, so a place
 * never changes). Pointers are BigInts; a status that is not null becomes a `RuntimeError` with ONNX Runtime's words.
 */
import { RuntimeError } from '../../spec/errors.js'
import { silenceTelemetry } from '../onnxruntime.js'
import { libraryPath } from './library.js'

/** The version of `struct OrtApi` we ask for; every place below lies within it. */
const API_VERSION = 24

/** Address of a C object; 0n is null. */
export type Pointer = bigint

/** name: [place in OrtApi, result, arguments]. 'status' results are checked. */
const FUNCTIONS = {
  GetErrorMessage: [2, 'str', ['void *']],
  CreateEnv: [3, 'status', ['int', 'str', 'void *']],
  DisableTelemetryEvents: [6, 'status', ['void *']],
  CreateSession: [7, 'status', ['void *', 'path', 'void *', 'void *']],
  CreateSessionFromArray: [8, 'status', ['void *', 'void *', 'size_t', 'void *', 'void *']],
  Run: [9, 'status', ['void *', 'void *', 'void *', 'void *', 'size_t', 'void *', 'size_t', 'void *']],
  CreateSessionOptions: [10, 'status', ['void *']],
  DisableMemPattern: [17, 'status', ['void *']],
  SetSessionLogSeverityLevel: [22, 'status', ['void *', 'int']],
  SetSessionGraphOptimizationLevel: [23, 'status', ['void *', 'int']],
  SetIntraOpNumThreads: [24, 'status', ['void *', 'int']],
  SessionGetInputCount: [30, 'status', ['void *', 'void *']],
  SessionGetOutputCount: [31, 'status', ['void *', 'void *']],
  SessionGetInputName: [36, 'status', ['void *', 'size_t', 'void *', 'void *']],
  SessionGetOutputName: [37, 'status', ['void *', 'size_t', 'void *', 'void *']],
  CreateRunOptions: [39, 'status', ['void *']],
  CreateTensorAsOrtValue: [48, 'status', ['void *', 'void *', 'size_t', 'int', 'void *']],
  CreateTensorWithDataAsOrtValue: [49, 'status', ['void *', 'void *', 'size_t', 'void *', 'size_t', 'int', 'void *']],
  CreateMemoryInfo: [68, 'status', ['str', 'int', 'int', 'int', 'void *']],
  CreateCpuMemoryInfo: [69, 'status', ['int', 'int', 'void *']],
  AllocatorAlloc: [75, 'status', ['void *', 'size_t', 'void *']],
  AllocatorFree: [76, 'status', ['void *', 'void *']],
  GetAllocatorWithDefaultOptions: [78, 'status', ['void *']],
  ReleaseStatus: [93, 'void', ['void *']],
  ReleaseMemoryInfo: [94, 'void', ['void *']],
  ReleaseSession: [95, 'void', ['void *']],
  ReleaseValue: [96, 'void', ['void *']],
  ReleaseRunOptions: [97, 'void', ['void *']],
  ReleaseSessionOptions: [100, 'void', ['void *']],
  AddSessionConfigEntry: [130, 'status', ['void *', 'str', 'str']],
  CreateAllocator: [131, 'status', ['void *', 'void *', 'void *']],
  ReleaseAllocator: [132, 'void', ['void *']],
  AddInitializer: [150, 'status', ['void *', 'str', 'void *']],
  AddRunConfigEntry: [165, 'status', ['void *', 'str', 'str']],
  SessionOptionsAppendExecutionProvider_CUDA_V2: [204, 'status', ['void *', 'void *']],
  CreateCUDAProviderOptions: [205, 'status', ['void *']],
  UpdateCUDAProviderOptions: [206, 'status', ['void *', 'void *', 'void *', 'size_t']],
  ReleaseCUDAProviderOptions: [208, 'void', ['void *']],
  Session_GetEpGraphAssignmentInfo: [407, 'status', ['void *', 'void *', 'void *']],
  EpAssignedSubgraph_GetEpName: [408, 'status', ['void *', 'void *']],
  EpAssignedSubgraph_GetNodes: [409, 'status', ['void *', 'void *', 'void *']],
  EpAssignedNode_GetName: [410, 'status', ['void *', 'void *']],
  EpAssignedNode_GetOperatorType: [412, 'status', ['void *', 'void *']],
} as const satisfies Record<string, readonly [number, string, readonly string[]]>

type Name = keyof typeof FUNCTIONS
type Argument = Pointer | number | string | ArrayBufferView
type NativeFunction = { (...args: Argument[]): unknown; async(...args: unknown[]): void }

/** ONNX Runtime in this process: one library, one environment, for as long as the process lives. */
export class OrtApi {
  readonly version: string
  /** Memory info of plain CPU memory, for tensors over our own buffers. */
  readonly cpu: Pointer
  readonly env: Pointer
  readonly allocator: Pointer
  readonly #koffi: typeof import('koffi')
  readonly #functions: Record<Name, NativeFunction>
  /** Held, never used: koffi unloads a library whose handle is collected, which would crash every session. */
  readonly library: unknown

  constructor(koffi: typeof import('koffi'), path: string) {
    this.#koffi = koffi
    const isSilent = silenceTelemetry()
    const library = koffi.load(path)
    this.library = library
    const base = library.func('OrtGetApiBase', 'void *', [])() as Pointer
    const [getApi, getVersion] = pointersAt(koffi, base, 2)
    this.version = String((koffi.decode(getVersion, koffi.proto('str', [])) as () => string)())
    const table = (koffi.decode(getApi, koffi.proto('void *', ['uint32_t'])) as (version: number) => Pointer | null)(
      API_VERSION,
    )
    if (!table)
      throw new RuntimeError(
        `ONNX Runtime ${this.version} at ${path} does not offer C API version ${API_VERSION}; ` +
          'install onnxruntime-node 1.24 or newer',
      )
    const entries = pointersAt(koffi, table, 1 + Math.max(...Object.values(FUNCTIONS).map(([place]) => place)))
    this.#functions = Object.fromEntries(
      Object.entries(FUNCTIONS).map(([name, [place, result, args]]) => [
        name,
        koffi.decode(entries[place], koffi.proto(cType(result), args.map(cType))),
      ]),
    ) as Record<Name, NativeFunction>
    this.env = this.create('CreateEnv', [4, 'sequoia'])
    if (isSilent) this.call('DisableTelemetryEvents', this.env)
    this.cpu = this.create('CreateCpuMemoryInfo', [0, 0])
    this.allocator = this.create('GetAllocatorWithDefaultOptions', [])
  }

  /** Calls a function and throws `RuntimeError` when its status says so. */
  call(name: Name, ...args: Argument[]): void {
    this.#check(this.#functions[name](...args) as Pointer | null)
  }

  /**
   * The same on a worker thread: the event loop goes on. Everything pointed to must stay referenced until it settles.
   */
  callAsync(name: Name, ...args: Argument[]): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#functions[name].async(...args, (error: unknown, status: Pointer | null) => {
        try {
          if (error) throw new RuntimeError(`${name} could not be called: ${String(error)}`, { cause: error })
          resolve(this.#check(status))
        } catch (reason) {
          reject(reason)
        }
      })
    })
  }

  /** Calls a function whose last argument receives a new object, and returns that object. */
  create(name: Name, args: Argument[]): Pointer {
    const out = new BigUint64Array(1)
    this.call(name, ...args, out)
    return out[0]
  }

  release(name: Extract<Name, `Release${string}`>, object: Pointer): void {
    if (object !== 0n) this.#functions[name](object)
  }

  /** The memory at an address, for as long as its owner leaves it there. */
  view(address: Pointer, bytes: number): ArrayBuffer {
    return this.#koffi.view(address, bytes)
  }

  /** Address of the first byte of a view. The caller keeps the view referenced for as long as the address is in use. */
  address(view: ArrayBufferView | ArrayBuffer): Pointer {
    return this.#koffi.address(view)
  }

  readString(pointer: Pointer): string {
    return this.#koffi.decode.string(pointer)
  }

  #check(status: Pointer | null): void {
    if (!status) return
    const message = String(this.#functions.GetErrorMessage(status)).trim()
    this.#functions.ReleaseStatus(status)
    throw new RuntimeError(`ONNX Runtime: ${message}`)
  }
}

function cType(kind: string): string {
  if (kind === 'status') return 'void *'
  if (kind === 'path') return process.platform === 'win32' ? 'str16' : 'str'
  return kind
}

function pointersAt(koffi: typeof import('koffi'), address: Pointer, count: number): Pointer[] {
  return Array.from(new BigUint64Array(koffi.view(address, count * 8)))
}

const apis = new Map<string, Promise<OrtApi>>()

/**
 * The API of a library, one for the whole process. Throws `RuntimeError` where koffi does not load or the library does
 * not answer.
 */
export async function loadOrtApi(path = libraryPath()): Promise<OrtApi> {
  const known = apis.get(path)
  if (known) return known
  const loading = import('koffi').then(
    (koffi) => new OrtApi(koffi, path),
    (cause: unknown) => {
      throw new RuntimeError(`koffi does not load on this machine (${String(cause)}); use runtime 'portable'`, {
        cause,
      })
    },
  )
  apis.set(path, loading)
  return loading
}
