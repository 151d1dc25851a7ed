/** Memory that direct reads can go to. */
import type { OrtApi, Pointer } from '../binding/api.js'
import { DIRECT_ALIGNMENT } from './layout.js'

/** Zeroed bytes that start on a page; the system gives them only as they are written to. */
export function pageAligned(api: OrtApi, bytes: number): Uint8Array {
  const room = new Uint8Array(bytes + DIRECT_ALIGNMENT)
  const start = bytesToPage(api.address(room))
  return room.subarray(start, start + bytes)
}

/** From an address to the page that starts there or next. */
export function bytesToPage(address: Pointer): number {
  const past = Number(address % BigInt(DIRECT_ALIGNMENT))
  return (DIRECT_ALIGNMENT - past) % DIRECT_ALIGNMENT
}
