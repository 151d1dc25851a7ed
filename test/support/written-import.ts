/** The folder of an import whose graphs are a few bytes each: for tests of files, which nothing runs. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { plainSpec } from '../../src/architectures/index.js'
import { writeFiles } from '../../src/import/import-files.js'
import { CONTRACT_VERSION, MANIFEST_FILE, manifestText } from '../../src/import/manifest-file.js'
import type { ModelManifest } from '../../src/spec/manifest.js'
import { randomShape } from './random-llama.js'

/** Writes the files but for the manifest, and returns it; `mark` stands in the weights. */
export async function writeImportFiles(dir: string, mark = 1): Promise<ModelManifest> {
  return {
    version: CONTRACT_VERSION,
    name: 'tiny',
    format: 'fp32',
    integers: null,
    vType: 'float32',
    spec: plainSpec(randomShape),
    stopTokens: [0],
    bosToken: null,
    chatTemplate: null,
    tokenizerHash: 'hash',
    license: null,
    source: { path: 'tiny.gguf', sha256: 'sha' },
    ...(await writeFiles(
      dir,
      (file) => file.add('w', 'float32', [2], Float32Array.of(mark, 2)),
      () => ({ graph: Uint8Array.of(1, 2, 3), single: Uint8Array.of(4, 5, 6), tokenizer: { tokens: 3 } }),
    )),
    hidden: null,
    features: { read: 0, written: 0 },
  }
}

/** The same with its manifest, in a folder that is made. */
export async function writeImport(dir: string): Promise<ModelManifest> {
  mkdirSync(dir, { recursive: true })
  const manifest = await writeImportFiles(dir)
  writeFileSync(join(dir, MANIFEST_FILE), manifestText(manifest))
  return manifest
}
