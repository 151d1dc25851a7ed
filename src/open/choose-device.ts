/** Which device an engine computes on: a GPU that was asked for has to be there, `auto` takes one where it works. */
import type { EngineOptions } from '../api/types.js'
import { remark } from '../common/progress.js'
import { deviceAt, type DeviceAddress } from '../runtime/binding/device.js'
import { InvalidArgumentError } from '../spec/errors.js'
import { show } from '../spec/check-values.js'

const CUDA = /^cuda(:\d{1,2})?$/

/**
 * The options with `device` as a device. Throws `InvalidArgumentError` for what is none, and for one that cannot be
 * had.
 */
export async function withDevice(options: EngineOptions): Promise<EngineOptions> {
  const { device = 'cpu', onProgress } = options
  if (device === 'auto') {
    const fault = await deviceAt('cuda').fault()
    onProgress?.(remark(fault === null ? 'device: cuda, the first GPU' : `device: cpu, for ${fault}`))
    return { ...options, device: fault === null ? 'cuda' : 'cpu' }
  }
  const address = deviceAddress('device', device)
  const fault = await deviceAt(address).fault()
  if (fault === null) return options
  throw new InvalidArgumentError(
    'device',
    `device "${address}" cannot be had: ${fault}; "sequoia gpu" lists what it takes (docs/gpu.md), or leave device out`,
  )
}

/** Whether it is one of what `device` may be. */
export function isDevice(value: unknown): value is DeviceAddress | 'auto' {
  return value === 'auto' || isAddress(value)
}

function isAddress(value: unknown): value is DeviceAddress {
  return value === 'cpu' || (typeof value === 'string' && CUDA.test(value))
}

/** Throws `InvalidArgumentError` naming `param` for what is no device. */
export function deviceAddress(param: string, value: unknown): DeviceAddress {
  if (isAddress(value)) return value
  throw new InvalidArgumentError(param, `${param} must be one of cpu, cuda, cuda:N, auto; got ${show(value)}`)
}
