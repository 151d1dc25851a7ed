/** What a checkpoint's files hold, as they hold it: tensors under their own names, configuration as it is written. */
import type { Metadata } from './gguf/metadata.js'
import type { RowOrder, StoredTensor } from './stored-tensor.js'

interface RawFiles {
  readonly name: string
  /** File or folder. */
  readonly path: string
  readonly license: string | null
  readonly tensors: ReadonlyMap<string, StoredTensor>
  /** Reads and dequantizes one tensor to float32, row-major; `order` says where each row of the file goes. */
  read(name: string, order?: RowOrder): Promise<Float32Array>
  /** SHA-256, hex, of the file; for a folder, over its files in name order. */
  hash(): Promise<string>
  close(): Promise<void>
}

export interface RawGguf extends RawFiles {
  readonly kind: 'gguf'
  readonly metadata: Metadata
  /** `generation_config.json` beside the file, where there is one. */
  readonly generation?: { path: string; config: Record<string, unknown> }
}

export interface RawFolder extends RawFiles {
  readonly kind: 'hf'
  /** `config.json`. */
  readonly config: Record<string, unknown>
}

export type RawCheckpoint = RawGguf | RawFolder
