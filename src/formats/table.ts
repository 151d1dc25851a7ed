/** The table of embeddings [vocab, hidden] as it lies in the weight file, and looking tokens up in it. */
import type { GraphBuilder, WeightRef } from '../onnx/graph-builder.js'
import type { Region, TensorFile } from './linear.js'

export interface TableShape {
  vocab: number
  hidden: number
}

/** One way to store the table. Runtimes that read single rows from disk know the same kinds (`EmbeddingTable`). */
export interface TableKind {
  /** At most what `write` adds to the file: a kind may look at the values. */
  bytes(shape: TableShape): number
  /** What stays in memory of a table whose rows are read from disk one by one. */
  keptBytes(shape: TableShape): number
  /** Writes `table` float32 [vocab, hidden]. */
  write(file: TensorFile, table: Float32Array, shape: TableShape): Promise<TableTensors>
  /** float32 [.., hidden] for `tokens` int64. */
  emit(g: GraphBuilder, table: TableTensors, tokens: string): string
}

export interface TableTensors {
  /** [vocab, hidden]; a kind of blocks has [vocab, blocks, values of a block]. */
  rows: WeightRef
  /** float32 [vocab, 1], or float32 or float16 [vocab, blocks, 1]: what each row or block is multiplied by. */
  scale?: WeightRef
  /** Values of a row, where blocks may have more. */
  width?: number
}

export interface StoredTable extends TableTensors {
  kind: TableKind
  region: Region
}

/** The embeddings of tokens. */
export function embed(g: GraphBuilder, table: StoredTable, tokens: string): string {
  return table.kind.emit(g, table, tokens)
}
