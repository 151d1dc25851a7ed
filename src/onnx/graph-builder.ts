/**
 * Builds one ONNX graph node by node. Values are plain names; `op` returns the names of a node's outputs.
 * Small constants are stored inside the graph, once each; weights are references into a file beside it.
 */
import {
  ELEMENT_TYPE,
  encodeModel,
  type AttributeMessage,
  type ElementType,
  type NodeMessage,
  type TensorMessage,
  type ValueInfoMessage,
} from './proto.js'

/** Where a tensor's bytes lie: `bytes` from `offset` of `file`, which stands in the graph's own folder. */
export interface WeightRef {
  name: string
  type: ElementType
  dims: number[]
  file: string
  offset: number
  bytes: number
}

export type Attribute = number | string | readonly number[] | { float: number }
export type Dim = number | string

/** Operators of ONNX Runtime's own set; everything else is standard ONNX. */
const MICROSOFT = new Set(['FusedMatMul', 'MatMulIntegerToFloat', 'MatMulNBits', 'QuickGelu', 'RotaryEmbedding'])

export class GraphBuilder {
  readonly #nodes: NodeMessage[] = []
  readonly #initializers = new Map<string, TensorMessage>()
  readonly #inputs: ValueInfoMessage[] = []
  readonly #outputs: ValueInfoMessage[] = []
  readonly #constants = new Map<string, string>()
  readonly #name: string
  readonly #opset: number

  /** `opset`: version of the standard operators that it is written in. */
  constructor(name: string, opset = 21) {
    this.#name = name
    this.#opset = opset
  }

  /** Number of operators so far. */
  get size(): number {
    return this.#nodes.length
  }

  input(name: string, type: ElementType, dims: readonly Dim[]): string {
    this.#inputs.push(valueInfo(name, type, dims))
    return name
  }

  /** Declares an already computed value as an output. */
  output(name: string, type: ElementType, dims: readonly Dim[]): void {
    this.#outputs.push(valueInfo(name, type, dims))
  }

  /** Adds an operator with one output, named `output` or after the operator and its place; returns that name. */
  op(type: string, inputs: readonly string[], attributes: Record<string, Attribute> = {}, output?: string): string {
    const name = output ?? `${type}_${this.#nodes.length}`
    this.ops(type, inputs, [name], attributes)
    return name
  }

  /** Adds an operator with named outputs; an empty name leaves that optional output out. */
  ops(
    type: string,
    inputs: readonly string[],
    outputs: readonly string[],
    attributes: Record<string, Attribute> = {},
  ): void {
    this.#nodes.push({
      input: [...inputs],
      output: [...outputs],
      name: `${type}_${this.#nodes.length}`,
      opType: type,
      domain: MICROSOFT.has(type) ? 'com.microsoft' : '',
      attribute: Object.entries(attributes).map(([key, value]) => attribute(key, value)),
    })
  }

  /** A small constant inside the graph; equal constants are stored once. `dims` [] makes a scalar. */
  constant(
    type: 'float32' | 'int64' | 'uint8' | 'int8',
    values: readonly number[],
    dims: readonly number[] = [values.length],
  ): string {
    const key = `${type}[${dims.join(',')}]${values.join(',')}`
    const known = this.#constants.get(key)
    if (known !== undefined) return known
    const name = `constant_${this.#constants.size}`
    this.#constants.set(key, name)
    this.#initializers.set(name, {
      name,
      dims: [...dims],
      dataType: ELEMENT_TYPE[type],
      rawData: bytesOf(type, values),
    })
    return name
  }

  /** A weight that lies in an external file. */
  weight(ref: WeightRef): string {
    if (!this.#initializers.has(ref.name)) {
      const externalData = [
        { key: 'location', value: ref.file },
        { key: 'offset', value: String(ref.offset) },
        { key: 'length', value: String(ref.bytes) },
      ]
      this.#initializers.set(ref.name, {
        name: ref.name,
        dims: ref.dims,
        dataType: ELEMENT_TYPE[ref.type],
        externalData,
        dataLocation: 1,
      })
    }
    return ref.name
  }

  /** The finished graph as the bytes of an `.onnx` file. */
  encode(): Uint8Array {
    return encodeModel({
      // The format that came with each version of the operators.
      irVersion: this.#opset > 22 ? 11 : 10,
      producerName: 'sequoia-onnx',
      opsetImport: [
        { domain: '', version: this.#opset },
        { domain: 'com.microsoft', version: 1 },
      ],
      graph: {
        name: this.#name,
        node: this.#nodes,
        initializer: [...this.#initializers.values()],
        input: this.#inputs,
        output: this.#outputs,
      },
    })
  }
}

function valueInfo(name: string, type: ElementType, dims: readonly Dim[]): ValueInfoMessage {
  const dim = dims.map((d) => (typeof d === 'number' ? { dimValue: d } : { dimParam: d }))
  return { name, type: { tensorType: { elemType: ELEMENT_TYPE[type], shape: { dim } } } }
}

/** Numbers are ints (write `{ float }` for a float), as most ONNX attributes are. */
function attribute(name: string, value: Attribute): AttributeMessage {
  if (typeof value === 'number') return { name, i: value, type: 2 }
  if (typeof value === 'string') return { name, s: new TextEncoder().encode(value), type: 3 }
  if ('float' in value) return { name, f: value.float, type: 1 }
  return { name, ints: [...value], type: 7 }
}

function bytesOf(type: 'float32' | 'int64' | 'uint8' | 'int8', values: readonly number[]): Uint8Array {
  switch (type) {
    case 'float32':
      return new Uint8Array(Float32Array.from(values).buffer)
    case 'int64':
      return new Uint8Array(BigInt64Array.from(values, BigInt).buffer)
    case 'int8':
      return new Uint8Array(Int8Array.from(values).buffer)
    case 'uint8':
      return Uint8Array.from(values)
  }
}
