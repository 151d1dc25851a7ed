/** Options that only a device has, and those that it has not. */
import type { EngineOptions } from '../api/types.js'
import type { DeviceName } from '../runtime/binding/device.js'
import { show } from '../spec/check-values.js'
import { InvalidArgumentError } from '../spec/errors.js'

/** Throws `InvalidArgumentError` naming the option that does not go with the kind of device. */
export function refuseForDevice(
  device: DeviceName,
  {
    cudaGraphs,
    deviceMemory,
    runtime,
    memory,
  }: Pick<EngineOptions, 'cudaGraphs' | 'deviceMemory' | 'runtime' | 'memory'>,
): void {
  const refuse = (param: string, message: string): never => {
    throw new InvalidArgumentError(param, message)
  }
  if (cudaGraphs !== undefined && typeof cudaGraphs !== 'boolean')
    refuse('cudaGraphs', `cudaGraphs must be true or false; got ${show(cudaGraphs)}`)
  if (cudaGraphs && (device === 'cpu' || memory !== undefined))
    refuse(
      'cudaGraphs',
      'cudaGraphs replays passes of a model that a GPU holds as a whole; give device: "cuda" with it and no memory, ' +
        'or leave it out',
    )
  if (deviceMemory !== undefined && device === 'cpu')
    refuse('deviceMemory', 'deviceMemory bounds what a GPU holds; give device: "cuda" with it, or memory for a CPU')
  if (device !== 'cpu' && runtime === 'portable')
    refuse('runtime', 'runtime "portable" reaches no GPU; leave runtime out')
}
