/** Memory that direct reads can go to. */
import type { OrtApi } from '../binding/api.js'
import { DIRECT_ALIGNMENT } from './layout.js'

/** Zeroed bytes that start on a page; the system gives them only as they are written to. */
export function pageAligned(api: OrtApi, bytes: number): Uint8Array {
  const room = new Uint8Array(bytes + DIRECT_ALIGNMENT)
  const past = Number(api.address(room) % BigInt(DIRECT_ALIGNMENT))
  const start = (DIRECT_ALIGNMENT - past) % DIRECT_ALIGNMENT
  return room.subarray(start, start + bytes)
}
