/** A model that this package itself ships. */
import { access } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import type { PullSource } from './source.js'

/** `file` is relative to the package's root. */
export function packageSource(file: string): PullSource {
  const path = join(dirname(createRequire(import.meta.url).resolve('sequoia-onnx/package.json')), file)
  const find = (): Promise<string | null> => access(path).then(() => path, () => null)
  return {
    label: 'this package',
    find,
    fetch() {
      return Promise.reject(new Error(`${path} is missing; install the package again`))
    },
  }
}
