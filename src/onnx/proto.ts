/**
 * The part of ONNX's protobuf schema that a written graph needs, and its encoder.
 * Field numbers are ONNX's own; whatever we never write is left out.
 */
import protobuf from 'protobufjs/light.js'

/** ONNX element types by our names (`TensorProto.DataType`). */
export const ELEMENT_TYPE = { float32: 1, uint8: 2, int8: 3, int64: 7, bool: 9, float16: 10 } as const
export type ElementType = keyof typeof ELEMENT_TYPE

export interface TensorMessage {
  dims: number[]
  dataType: number
  name: string
  rawData?: Uint8Array
  externalData?: { key: string; value: string }[]
  /** 1 = the bytes are in a file beside the graph. */
  dataLocation?: number
}

export interface AttributeMessage {
  name: string
  f?: number
  i?: number
  s?: Uint8Array
  ints?: number[]
  /** 1 float, 2 int, 3 string, 7 ints. */
  type: number
}

export interface NodeMessage {
  input: string[]
  output: string[]
  name: string
  opType: string
  domain: string
  attribute: AttributeMessage[]
}

export interface ValueInfoMessage {
  name: string
  type: { tensorType: { elemType: number; shape: { dim: { dimValue?: number; dimParam?: string }[] } } }
}

export interface ModelMessage {
  irVersion: number
  producerName: string
  opsetImport: { domain: string; version: number }[]
  graph: {
    name: string
    node: NodeMessage[]
    initializer: TensorMessage[]
    input: ValueInfoMessage[]
    output: ValueInfoMessage[]
  }
}

const one = (type: string, id: number) => ({ type, id })
const many = (type: string, id: number) => ({ rule: 'repeated', type, id })

const schema = protobuf.Root.fromJSON({
  nested: {
    Entry: { fields: { key: one('string', 1), value: one('string', 2) } },
    Tensor: {
      fields: {
        dims: many('int64', 1),
        dataType: one('int32', 2),
        name: one('string', 8),
        rawData: one('bytes', 9),
        externalData: many('Entry', 13),
        dataLocation: one('int32', 14),
      },
    },
    Attribute: {
      fields: {
        name: one('string', 1),
        f: one('float', 2),
        i: one('int64', 3),
        s: one('bytes', 4),
        ints: many('int64', 8),
        type: one('int32', 20),
      },
    },
    Node: {
      fields: {
        input: many('string', 1),
        output: many('string', 2),
        name: one('string', 3),
        opType: one('string', 4),
        attribute: many('Attribute', 5),
        domain: one('string', 7),
      },
    },
    Dim: { fields: { dimValue: one('int64', 1), dimParam: one('string', 2) } },
    Shape: { fields: { dim: many('Dim', 1) } },
    TensorType: { fields: { elemType: one('int32', 1), shape: one('Shape', 2) } },
    Type: { fields: { tensorType: one('TensorType', 1) } },
    ValueInfo: { fields: { name: one('string', 1), type: one('Type', 2) } },
    Graph: {
      fields: {
        node: many('Node', 1),
        name: one('string', 2),
        initializer: many('Tensor', 5),
        input: many('ValueInfo', 11),
        output: many('ValueInfo', 12),
      },
    },
    Opset: { fields: { domain: one('string', 1), version: one('int64', 2) } },
    Model: {
      fields: {
        irVersion: one('int64', 1),
        producerName: one('string', 2),
        graph: one('Graph', 7),
        opsetImport: many('Opset', 8),
      },
    },
  },
})
const modelType = schema.lookupType('Model')

/** Encodes a model as the bytes of an `.onnx` file. The same message always gives the same bytes. */
export function encodeModel(model: ModelMessage): Uint8Array {
  return modelType.encode({ ...model }).finish()
}
