/**
 * Which nodes of a graph the GPU has no kernel for, by ONNX Runtime's published list: the graph's own bytes are read,
 * types follow from inputs and weights by the operators' type variables, and every node is looked up.
 */
import { readFileSync } from 'node:fs'
import protobuf from 'protobufjs/light.js'

interface Kernel {
  since: number
  until?: number
}
interface Operator {
  in: string[]
  out: string[]
  kernels: (Kernel & Record<string, unknown>)[]
}
type Operators = Record<string, Operator>

const LIST = JSON.parse(readFileSync(new URL('../fixtures/cuda-kernels.json', import.meta.url), 'utf8')) as Record<
  'ai.onnx' | 'com.microsoft',
  Operators
>

/** By number in ONNX. */
const TYPES: Record<number, string> = {
  1: 'float',
  2: 'uint8',
  3: 'int8',
  6: 'int32',
  7: 'int64',
  9: 'bool',
  10: 'float16',
  16: 'bfloat16',
}
const CAST_ATTRIBUTE = 'to'

interface Graph {
  opset: number
  nodes: {
    input: string[]
    output: string[]
    opType: string
    domain: string
    attribute: { name: string; i: number }[]
  }[]
  types: Map<string, string>
}

/** One line a node that the GPU has no kernel for, and what is the matter. */
export function missingKernels(bytes: Uint8Array): string[] {
  const { opset, nodes, types } = read(bytes)
  return nodes.flatMap((node) => {
    const operator = LIST[node.domain === 'com.microsoft' ? 'com.microsoft' : 'ai.onnx'][node.opType]
    if (!operator) return [`${node.opType}: not on the list`]
    const version = node.domain === 'com.microsoft' ? 1 : opset
    const kernel = operator.kernels.find(({ since, until }) => since <= version && version <= (until ?? Infinity))
    if (!kernel) return [`${node.opType}: no kernel of version ${version}`]
    const bound = new Map<string, string>()
    const faults: string[] = []
    node.input.forEach((name, i) => {
      if (name === '') return
      const variable = variableAt(operator.in, i)
      const type = types.get(name) ?? 'unknown'
      const allowed = (kernel[variable] as string[] | undefined) ?? [variable]
      if (!allowed.includes(type)) faults.push(`${node.opType}: ${type} as input ${i}`)
      else if ((bound.get(variable) ?? type) !== type) faults.push(`${node.opType}: inputs of several types`)
      bound.set(variable, type)
    })
    node.output.forEach((name, i) => {
      const variable = variableAt(operator.out, i)
      types.set(name, bound.get(variable) ?? made(node, kernel[variable] as string[] | undefined))
      const type = types.get(name)!
      if (!((kernel[variable] as string[] | undefined) ?? [variable]).includes(type))
        faults.push(`${node.opType}: ${type} as output ${i}`)
    })
    return faults
  })
}

function variableAt(variables: string[], place: number): string {
  return (variables[Math.min(place, variables.length - 1)] ?? '').replace('...', '')
}

/** The type of an output that no input has: what a cast is to, or the only one there is. */
function made(node: Graph['nodes'][number], allowed: string[] = []): string {
  const to = node.attribute.find(({ name }) => name === CAST_ATTRIBUTE)
  return to ? (TYPES[Number(to.i)] ?? 'unknown') : (allowed[0] ?? 'unknown')
}

const one = (type: string, id: number) => ({ type, id })
const many = (type: string, id: number) => ({ rule: 'repeated', type, id })
const model = protobuf.Root.fromJSON({
  nested: {
    Tensor: { fields: { dataType: one('int32', 2), name: one('string', 8) } },
    Attribute: { fields: { name: one('string', 1), i: one('int64', 3) } },
    Node: {
      fields: {
        input: many('string', 1),
        output: many('string', 2),
        opType: one('string', 4),
        attribute: many('Attribute', 5),
        domain: one('string', 7),
      },
    },
    TensorType: { fields: { elemType: one('int32', 1) } },
    Type: { fields: { tensorType: one('TensorType', 1) } },
    Value: { fields: { name: one('string', 1), type: one('Type', 2) } },
    Graph: { fields: { node: many('Node', 1), initializer: many('Tensor', 5), input: many('Value', 11) } },
    Opset: { fields: { domain: one('string', 1), version: one('int64', 2) } },
    Model: { fields: { graph: one('Graph', 7), opsetImport: many('Opset', 8) } },
  },
}).lookupType('Model')

interface Read {
  graph: {
    node: Graph['nodes']
    initializer: { name: string; dataType: number }[]
    input: { name: string; type: { tensorType: { elemType: number } } }[]
  }
  opsetImport: { domain?: string; version: number }[]
}

function read(bytes: Uint8Array): Graph {
  const { graph, opsetImport } = model.toObject(model.decode(bytes), {
    longs: Number,
    defaults: true,
    arrays: true,
  }) as Read
  const types = new Map<string, string>()
  for (const { name, dataType } of graph.initializer) types.set(name, TYPES[dataType] ?? 'unknown')
  for (const { name, type } of graph.input) types.set(name, TYPES[type.tensorType.elemType] ?? 'unknown')
  return { opset: opsetImport.find(({ domain }) => domain === '')!.version, nodes: graph.node, types }
}
