/** The model families that are read: a family is a file of this folder and a line here. */
import type { Architecture } from './architecture.js'
import { llama } from './llama.js'

export const architectures: readonly Architecture[] = [llama]

export type { Architecture, TensorSpec } from './architecture.js'
export { canonicalTensors, layerTensors, MATRICES, NORMS } from './canonical.js'
export type { ConfigReader, FileKind, Key } from './config-reader.js'
export { describe, type Described } from './describe.js'
export { namedTensors, withPairsApart } from './names.js'
export { plainSpec, readPlainShape, requirePlain, type PlainShape } from './plain.js'
