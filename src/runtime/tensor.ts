/** A tensor as both runtimes take it: typed memory of exactly the tensor's size, and its shape. */

export type TensorType = 'int64' | 'bool' | 'int8' | 'uint8' | 'float16' | 'float32'
export type TensorData = BigInt64Array | Uint8Array | Int8Array | Uint16Array | Float32Array

export interface TensorView {
  readonly type: TensorType
  data: TensorData
  dims: readonly number[]
}

export interface NamedTensor extends TensorView {
  readonly name: string
}
