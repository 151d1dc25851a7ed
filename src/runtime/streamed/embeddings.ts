/**
 * The embedding table left on disk: a pass reads the rows of its tokens, a few hundred bytes each, which the system's
 * page cache has as long as there is memory to spare. int8 rows times a step each, or halves, as float32: the very
 * values that the graph's Cast and Mul give.
 */
import { float16ToFloat32 } from '../../common/half.js'
import type { EmbeddingTable } from './layout.js'
import { verifyTable, type WatchedFile } from './watched-file.js'

export class Embeddings {
  readonly #file: WatchedFile
  readonly #place: EmbeddingTable
  readonly #width: number
  /** [vocab]; none where rows are halves. */
  #steps: Float32Array
  #rows = new Uint8Array(0)

  private constructor(file: WatchedFile, place: EmbeddingTable, vocab: number, width: number) {
    this.#file = file
    this.#place = place
    this.#width = width
    this.#steps = new Float32Array(place.scale === null ? 0 : vocab)
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
    if (this.#place.scale !== null) await this.#file.readAnywhere(new Uint8Array(this.#steps.buffer), this.#place.scale)
  }

  /** Writes the rows of `tokens` [n] into `out` [n, width]. */
  async read(tokens: ArrayLike<bigint>, out: Float32Array): Promise<void> {
    const width = this.#width
    const n = tokens.length
    const rowBytes = this.#place.scale === null ? 2 * width : width
    if (this.#rows.length < n * rowBytes) this.#rows = new Uint8Array(n * rowBytes)
    const reads: Promise<void>[] = []
    for (let row = 0; row < n; row++) {
      reads.push(
        this.#file.readAnywhere(
          this.#rows.subarray(row * rowBytes, (row + 1) * rowBytes),
          this.#place.rows + Number(tokens[row]) * rowBytes,
        ),
      )
    }
    await Promise.all(reads)
    if (this.#place.scale === null) {
      const halves = new Uint16Array(this.#rows.buffer, 0, n * width)
      for (let at = 0; at < n * width; at++) out[at] = float16ToFloat32(halves[at])
      return
    }
    const values = new Int8Array(this.#rows.buffer, 0, n * width)
    for (let row = 0; row < n; row++) {
      const step = this.#steps[Number(tokens[row])]
      for (let at = row * width; at < (row + 1) * width; at++) out[at] = values[at] * step
    }
  }
}
