/**
 * Whether a model has room in a device's memory as a whole: its weights, K/V rows of all requests at full length, and
 * what passes have alive. What is not asked for adapts: fewer requests, then shorter texts.
 */
import { InvalidArgumentError } from '../../spec/errors.js'
import { sizeText } from './size-text.js'

export interface DeviceRequest {
  /** Bytes that may be taken; null: nobody knows, so nothing is refused. */
  roomBytes: number | null
  /** Of all weights that lie there. */
  weightBytes: number
  /** Of K and V, of one token of one request. */
  tokenBytes: number
  /** Most that one pass has alive at a time. */
  passBytes: number
  /** Slots beside a text, for its tree. */
  treeSlots: number
  longest: number
  usualBatch: number
  maxContext?: number
  maxBatch?: number
}

/** A cache that grows is there twice while it is copied, the old one at half the size. */
const GROWTH = 1.5
/** The device's own libraries, and pieces that its allocator cannot use. */
export const DEVICE_OVERHEAD_BYTES = 1e9
/** Shortest context that is any use where none is asked for. */
const LEAST_CONTEXT = 256

/** Throws `InvalidArgumentError` naming the bytes that are needed. */
export function deviceRoom(request: DeviceRequest): { maxContext: number; maxBatch: number } {
  const { roomBytes, longest, usualBatch, tokenBytes, treeSlots } = request
  const wanted = { maxContext: request.maxContext ?? longest, maxBatch: request.maxBatch ?? usualBatch }
  if (roomBytes === null) return wanted
  const fixed = request.weightBytes + request.passBytes + DEVICE_OVERHEAD_BYTES
  const textBytes = (context: number): number => GROWTH * (context + treeSlots) * tokenBytes
  const left = roomBytes - fixed
  const fits = (context: number): number => Math.floor(left / textBytes(context))
  const least = request.maxBatch ?? 1
  const maxBatch = Math.min(wanted.maxBatch, Math.max(least, fits(wanted.maxContext)))
  if (fits(wanted.maxContext) >= maxBatch) return { ...wanted, maxBatch }
  const context = Math.floor(left / (GROWTH * least * tokenBytes)) - treeSlots
  if (request.maxContext === undefined && context >= Math.min(LEAST_CONTEXT, longest))
    return { maxContext: Math.min(context, longest), maxBatch: least }
  const shortest = request.maxContext ?? Math.min(LEAST_CONTEXT, longest)
  const needed = Math.ceil(fixed + least * textBytes(shortest))
  throw new InvalidArgumentError(
    'deviceMemory',
    `the model takes ${sizeText(needed)} of the device's memory (weights ${sizeText(request.weightBytes)}, ${least} ` +
      `request(s) of ${shortest} tokens ${sizeText(Math.ceil(least * textBytes(shortest)))}, passes and libraries ` +
      `${sizeText(request.passBytes + DEVICE_OVERHEAD_BYTES)}), and ${sizeText(roomBytes)} may be taken ` +
      `(${needed} and ${roomBytes} bytes); give deviceMemory more, maxContext or maxBatch less, or memory, to ` +
      'stream its layers there',
  )
}
