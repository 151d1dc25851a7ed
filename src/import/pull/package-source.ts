/** A model that this package itself ships. */
import { createRequire } from 'node:module'
import { basename, dirname, join } from 'node:path'
import { type FileFacts, findFault } from '../file-facts.js'
import type { PullSource } from './source.js'

/** `file` is relative to the package's root. */
export function packageSource(file: string, facts: FileFacts): PullSource {
  const path = join(dirname(createRequire(import.meta.url).resolve('sequoia-onnx/package.json')), file)
  return {
    label: 'this package',
    files: { [basename(file)]: facts },
    find: async () => ((await findFault(path, facts)) === null ? path : null),
    async fetch() {
      throw new Error(`${path} ${await findFault(path, facts)}; install the package again`)
    },
  }
}
