/** Why passes cannot compute on an NVIDIA GPU here: the first thing that is missing. */
import { existsSync } from 'node:fs'
import type { OrtApi, Pointer } from '../binding/api.js'
import { cudaLibraryPath, cudaProviderPath } from '../binding/library.js'
import { nvidiaFacts, type NvidiaFacts } from './nvidia.js'

export interface CudaChecks {
  platform: string
  nvidia(): Promise<NvidiaFacts | null>
  /** The library that would be used. */
  library(): string
  /** Lets a session compute on the GPU, which loads all that it needs. Throws where it does not load. */
  tryProvider(library: string): Promise<void>
}

/** The end of a sentence; null where nothing is missing. */
export async function cudaFault(index: number, checks: CudaChecks): Promise<string | null> {
  if (checks.platform !== 'linux x64')
    return `ONNX Runtime reaches NVIDIA GPUs from Node on linux x64 alone, and this is ${checks.platform}`
  const nvidia = await checks.nvidia()
  if (nvidia === null) return 'no NVIDIA driver is loaded on this machine'
  if (nvidia.gpus && index >= nvidia.gpus.length)
    return `the driver knows ${nvidia.gpus.length} GPUs, and number ${index} is none of them (they count from 0)`
  const library = checks.library()
  if (!existsSync(cudaProviderPath(library)))
    return 'ONNX Runtime has no CUDA libraries here ("sequoia gpu install" fetches them)'
  return checks.tryProvider(library).then(
    () => null,
    (error: unknown) => `its CUDA libraries do not load: ${error instanceof Error ? error.message : String(error)}`,
  )
}

/** Of this machine. `load`: the API of a library; `addTo`: puts the GPU into session options. */
export function checksHere(
  load: (library: string) => Promise<OrtApi>,
  addTo: (api: OrtApi, options: Pointer) => void,
): CudaChecks {
  return {
    platform: `${process.platform} ${process.arch}`,
    nvidia: () => nvidiaFacts(),
    library: () => cudaLibraryPath(),
    tryProvider: async (library) => {
      const api = await load(library)
      const options = api.create('CreateSessionOptions', [])
      try {
        addTo(api, options)
      } finally {
        api.release('ReleaseSessionOptions', options)
      }
    },
  }
}
