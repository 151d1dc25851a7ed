/** Of a model whose layers pass through a device: how many of them it has room to keep. */
import type { MemoryPlan } from '../../api/types.js'
import { InvalidArgumentError } from '../../spec/errors.js'
import { DEVICE_OVERHEAD_BYTES } from './device-room.js'
import { activationBytes, shareOut, type MemoryRequest } from './share-out.js'
import { sizeText } from './size-text.js'

/** Layers that are there for a while: one computes, the next is copied. */
const PASSING = 2

/**
 * The plan for what lies beside the device, which keeps as many layers as `deviceMemory` bytes have room for; none
 * where nobody says. `headBytes`: of the head there. Throws `InvalidArgumentError` naming the bytes that are needed.
 */
export function withDeviceLayers(
  request: MemoryRequest,
  deviceMemory: number | undefined,
  headBytes: number,
): MemoryPlan {
  let plan = shareOut(request)
  if (deviceMemory === undefined) return plan
  const { spec, layerBytes } = request.target
  const fixedBytes = (made: MemoryPlan): number =>
    headBytes + PASSING * layerBytes + activationBytes(spec, made.passRows, made.cells) + DEVICE_OVERHEAD_BYTES
  const fits = (made: MemoryPlan): number =>
    Math.min(spec.layers.length, Math.floor((deviceMemory - fixedBytes(made)) / layerBytes))
  // What the layers leave free here may make passes larger, which leaves less room there.
  for (let count = fits(plan); count >= 0;) {
    plan = shareOut({ ...request, deviceLayers: count })
    const left = fits(plan)
    if (left >= count) return plan
    count = left
  }
  const needed = Math.ceil(fixedBytes(plan))
  throw new InvalidArgumentError(
    'deviceMemory',
    `a model whose layers are streamed takes ${sizeText(needed)} of the device's memory (${needed} bytes: head ` +
      `${sizeText(headBytes)}, two layers ${sizeText(PASSING * layerBytes)}, passes and libraries), and ` +
      `${sizeText(deviceMemory)} may be taken (${deviceMemory} bytes); give deviceMemory more, or leave it out`,
  )
}
