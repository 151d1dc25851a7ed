/**
 * `CallArguments`: small arguments on their way into wasm memory, in one block that every call fills from its start. A
 * larger block takes its place when a call needs more. Addresses stay good until the next `begin`.
 */
import type { Arena } from './arena.js'
import type { NoiseKey, Sampling, TokenTree } from './types.js'

const FIRST_BYTES = 1 << 16

/** Addresses of what every walk over a tree reads, and of [m] int32 for its verdict. */
export interface WalkArguments {
  m: number
  parents: number
  tokens: number
  sampling: number
  key: number
  out: number
}

export class CallArguments {
  private block = 0
  private size = 0
  private used = 0
  /** Blocks outgrown during this call: still read by it. */
  private outgrown: number[] = []

  constructor(private readonly arena: Arena) {}

  /** Starts a call: everything staged before may be overwritten. */
  begin(): void {
    for (const block of this.outgrown) this.arena.free(block)
    this.outgrown = []
    this.used = 0
  }

  /** Room for `bytes`, aligned to 16. */
  room(bytes: number): number {
    if (this.used + bytes > this.size) {
      if (this.block) this.outgrown.push(this.block)
      this.size = Math.max(FIRST_BYTES, 2 * this.size, bytes)
      this.block = this.arena.alloc(this.size)
      this.used = 0
    }
    const at = this.block + this.used
    this.used += (bytes + 15) & ~15
    return at
  }

  i32(values: Int32Array): number {
    const at = this.room(values.byteLength)
    this.arena.i32(at, values.length).set(values)
    return at
  }

  u8(values: Uint8Array): number {
    const at = this.room(values.byteLength)
    this.arena.u8(at, values.length).set(values)
    return at
  }

  /** The ABI's sampling struct. */
  sampling({ temperature, topK, topP, minP }: Sampling): number {
    const at = this.room(32)
    const view = new DataView(this.arena.memory.buffer, at, 32)
    view.setFloat64(0, temperature, true)
    view.setFloat64(8, topP, true)
    view.setFloat64(16, minP, true)
    view.setInt32(24, topK, true)
    return at
  }

  /** The ABI's key struct. */
  key({ seed, choice }: NoiseKey): number {
    const at = this.room(12)
    const view = new DataView(this.arena.memory.buffer, at, 12)
    view.setBigUint64(0, BigInt.asUintN(64, seed), true)
    view.setUint32(8, choice, true)
    return at
  }

  walk(tree: TokenTree, sampling: Sampling, key: NoiseKey): WalkArguments {
    const m = tree.parents.length
    return {
      m,
      sampling: this.sampling(sampling),
      key: this.key(key),
      parents: this.i32(tree.parents),
      tokens: this.i32(tree.tokens),
      out: this.room(m * 4),
    }
  }
}
