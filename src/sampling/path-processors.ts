/** All processors of one sequence, moved together along the paths of its trees. */
import type { Processor, RowProcessor } from '../strategies/row-processor.js'

export class PathProcessors implements RowProcessor {
  /** Tokens that the processors stand behind the sequence's last token. */
  private readonly path: number[] = []

  /** @param processors in the order in which they change a row. */
  constructor(private readonly processors: readonly Processor[]) {}

  apply(row: Float32Array, path: readonly number[]): void {
    this.moveTo(path)
    for (const processor of this.processors) processor.apply(row)
  }

  /** The sequence has grown by `tokens`: there is no way back from here. */
  commit(tokens: readonly number[]): void {
    this.moveTo(tokens)
    this.path.length = 0
  }

  private moveTo(path: readonly number[]): void {
    let common = 0
    while (common < path.length && path[common] === this.path[common]) common++
    while (this.path.length > common) {
      const token = this.path.pop()!
      for (const processor of this.processors) processor.pop(token)
    }
    for (const token of path.slice(common)) {
      this.path.push(token)
      for (const processor of this.processors) processor.push(token)
    }
  }
}
