/**
 * The embedding table left on disk: a pass reads the rows of its tokens, a few hundred bytes each, which the system's page cache has as long as there is
 * memory to spare. int8 rows times a step each, float32: the very values that the graph's Cast and Mul give.
 */
import type { EmbeddingTable } from './layout.js'
import { verifyTable, type WatchedFile } from './weight-file.js'

export class Embeddings {
  readonly #file: WatchedFile
  readonly #place: EmbeddingTable
  readonly #width: number
  /** [vocab] */
  #steps: Float32Array
  #rows = new Int8Array(0)

  private constructor(file: WatchedFile, place: EmbeddingTable, vocab: number, width: number) {
    this.#file = file
    this.#place = place
    this.#width = width
    this.#steps = new Float32Array(vocab)
  }

  /** Throws `ModelError` where the table is not what import wrote. */
  static async open(file: WatchedFile, place: EmbeddingTable, vocab: number, width: number): Promise<Embeddings> {
    const table = new Embeddings(file, place, vocab, width)
    await table.load()
    return table
  }

  /** Reads the steps, and compares the whole table with its checksum. */
  async load(): Promise<void> {
    await verifyTable(this.#file, this.#place, 'the embeddings')
    await this.#file.readAnywhere(new Uint8Array(this.#steps.buffer), this.#place.scale)
  }

  /** Writes the rows of `tokens` [n] into `out` [n, width]. */
  async read(tokens: ArrayLike<bigint>, out: Float32Array): Promise<void> {
    const width = this.#width
    const n = tokens.length
    if (this.#rows.length < n * width) this.#rows = new Int8Array(n * width)
    const reads: Promise<void>[] = []
    for (let row = 0; row < n; row++) {
      const into = new Uint8Array(this.#rows.buffer, row * width, width)
      reads.push(this.#file.readAnywhere(into, this.#place.rows + Number(tokens[row]) * width))
    }
    await Promise.all(reads)
    for (let row = 0; row < n; row++) {
      const step = this.#steps[Number(tokens[row])]
      for (let at = row * width; at < (row + 1) * width; at++) out[at] = this.#rows[at] * step
    }
  }
}
