/** A file of weights that stays in memory: what was added, by name. */
import type { TensorFile } from '../../src/formats/linear.js'
import type { ElementType } from '../../src/onnx/proto.js'

export interface AddedTensor {
  type: ElementType
  dims: number[]
  values: number[]
}

export class TensorMemory implements TensorFile {
  readonly added = new Map<string, AddedTensor>()

  async add(name: string, type: ElementType, dims: number[], data: Parameters<TensorFile['add']>[3]) {
    this.added.set(name, { type, dims, values: Array.from(data, Number) })
    return { name, type, dims, file: 'weights.bin', offset: 0, bytes: data.byteLength }
  }

  /** What a tensor holds. */
  values(name: string): number[] {
    return this.added.get(name)!.values
  }
}
