/**
 * Finds the ONNX Runtime libraries: the one that onnxruntime-node ships, so that both runtimes run the very same code,
 * and one that reaches NVIDIA GPUs, which it may ship or `sequoia gpu install` may have fetched.
 */
import { existsSync, readdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { cacheFolder } from '../../common/cache-folder.js'
import { packageVersion } from '../../common/package-version.js'
import { RuntimeError } from '../../spec/errors.js'

const FILE_PATTERN: Partial<Record<NodeJS.Platform, RegExp>> = {
  linux: /^libonnxruntime\.so(\.\d+)*$/,
  darwin: /^libonnxruntime(\.\d+)*\.dylib$/,
  win32: /^onnxruntime\.dll$/,
}
const CUDA_PROVIDER = 'libonnxruntime_providers_cuda.so'

/** Absolute path of the library for this platform. Throws `RuntimeError` where onnxruntime-node ships none. */
export function libraryPath(platform: NodeJS.Platform = process.platform, arch: string = process.arch): string {
  const packageFile = createRequire(import.meta.url).resolve('onnxruntime-node/package.json')
  const bin = join(dirname(packageFile), 'bin')
  const abis = existsSync(bin)
    ? readdirSync(bin)
        .filter((name) => name.startsWith('napi-v'))
        .sort()
    : []
  for (const abi of abis.reverse()) {
    const found = libraryIn(join(bin, abi, platform, arch), platform)
    if (found) return found
  }
  throw new RuntimeError(
    `onnxruntime-node ships no library for ${platform} ${arch} under ${bin}; use runtime 'portable'`,
  )
}

/** Where `sequoia gpu install` puts the libraries of the version in use, below the user's cache folder. */
export function cudaFolder(cacheDir = cacheFolder()): string {
  return join(cacheDir, `onnxruntime-gpu-${packageVersion('onnxruntime-node')}`)
}

/** The library to reach an NVIDIA GPU with: one that has its provider beside it, where there is such. */
export function cudaLibraryPath(own = libraryPath(), folder = cudaFolder()): string {
  if (existsSync(cudaProviderPath(own))) return own
  const fetched = libraryIn(folder, process.platform)
  return fetched && existsSync(cudaProviderPath(fetched)) ? fetched : own
}

/** Where a library looks for its provider of NVIDIA GPUs. */
export function cudaProviderPath(library: string): string {
  return join(dirname(library), CUDA_PROVIDER)
}

/** ONNX Runtime's library in a folder, if it is there. */
function libraryIn(folder: string, platform: NodeJS.Platform): string | null {
  const pattern = FILE_PATTERN[platform]
  if (!pattern || !existsSync(folder)) return null
  // The shortest name is the one the library calls itself; longer ones are versioned copies.
  const [name] = readdirSync(folder)
    .filter((file) => pattern.test(file))
    .sort((a, b) => a.length - b.length)
  return name ? join(folder, name) : null
}
