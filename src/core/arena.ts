/**
 * `Arena`: blocks of the wasm's memory, and typed arrays over them. Memory grows when needed, which detaches typed
 * arrays made before: make them anew where they are used.
 */
import { RuntimeError } from '../spec/errors.js'
import { checked, type CoreExports, type WasmMemory } from './wasm.js'

export class Arena {
  constructor(readonly wasm: CoreExports) {}

  get memory(): WasmMemory {
    return this.wasm.memory
  }

  /** Address of a new block of at least `bytes`, aligned to 16. Throws `RuntimeError` when memory is spent. */
  alloc(bytes: number): number {
    const pointer = bytes >= 0 && bytes < 2 ** 32 ? this.wasm.alloc(bytes) >>> 0 : 0
    if (pointer === 0)
      throw new RuntimeError(`wasm memory cannot hold ${bytes} bytes more (4 GiB is the most); use fewer logits rows`)
    return pointer
  }

  /** Gives a block back. Throws `InvalidArgumentError` for an address that `alloc` did not return or that was freed. */
  free(pointer: number): void {
    checked(this.wasm.free(pointer), 'free')
  }

  f32(pointer: number, length: number): Float32Array {
    return new Float32Array(this.memory.buffer, pointer, length)
  }

  f64(pointer: number, length: number): Float64Array {
    return new Float64Array(this.memory.buffer, pointer, length)
  }

  i32(pointer: number, length: number): Int32Array {
    return new Int32Array(this.memory.buffer, pointer, length)
  }

  u8(pointer: number, length: number): Uint8Array {
    return new Uint8Array(this.memory.buffer, pointer, length)
  }
}
