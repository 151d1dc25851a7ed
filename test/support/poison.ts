/** Fills rows of a cache with 0xFF bytes: NaN in floats, -1 in int8, 255 in uint8. */
import type { KvStore } from '../../src/runtime/kv/store.js'

export async function poison(cache: KvStore, lane: number, slots: Iterable<number>): Promise<void> {
  const at = { lane, slots: Int32Array.from(slots) }
  await cache.write(at, (await cache.read(at)).fill(0xff))
}
