/**
 * Finds the ONNX Runtime library that onnxruntime-node ships, so that both runtimes run the very same code.
 */
import { existsSync, readdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { RuntimeError } from '../../spec/errors.js'

const FILE_PATTERN: Partial<Record<NodeJS.Platform, RegExp>> = {
  linux: /^libonnxruntime\.so(\.\d+)*$/,
  darwin: /^libonnxruntime(\.\d+)*\.dylib$/,
  win32: /^onnxruntime\.dll$/,
}

/** Absolute path of the library for this platform. Throws `RuntimeError` where onnxruntime-node ships none. */
export function libraryPath(platform: NodeJS.Platform = process.platform, arch: string = process.arch): string {
  const packageFile = createRequire(import.meta.url).resolve('onnxruntime-node/package.json')
  const bin = join(dirname(packageFile), 'bin')
  const pattern = FILE_PATTERN[platform]
  const abis = existsSync(bin)
    ? readdirSync(bin)
        .filter((name) => name.startsWith('napi-v'))
        .sort()
    : []
  for (const abi of abis.reverse()) {
    const folder = join(bin, abi, platform, arch)
    if (!pattern || !existsSync(folder)) continue
    // The shortest name is the one the library calls itself; longer ones are versioned copies.
    const [name] = readdirSync(folder)
      .filter((file) => pattern.test(file))
      .sort((a, b) => a.length - b.length)
    if (name) return join(folder, name)
  }
  throw new RuntimeError(
    `onnxruntime-node ships no library for ${platform} ${arch} under ${bin}; use runtime 'portable'`,
  )
}
