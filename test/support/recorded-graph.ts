/** A builder of graphs that keeps what it was told, for tests of what is wired without running it. */
import { GraphBuilder, type Attribute, type Dim, type WeightRef } from '../../src/onnx/graph-builder.js'
import type { ElementType } from '../../src/onnx/proto.js'

export interface RecordedNode {
  type: string
  inputs: readonly string[]
  outputs: readonly string[]
  attributes: Record<string, Attribute>
}

interface Value {
  type: ElementType
  dims: readonly Dim[]
}

export class RecordedGraph extends GraphBuilder {
  readonly nodes: RecordedNode[] = []
  readonly inputs = new Map<string, Value>()
  readonly outputs = new Map<string, Value>()
  /** By the name that the graph gives a constant. */
  readonly constants = new Map<string, readonly number[]>()
  readonly weights: string[] = []

  constructor() {
    super('recorded')
  }

  /** Operators in the order they were added. */
  get types(): string[] {
    return this.nodes.map(({ type }) => type)
  }

  /** The operator that makes a value; undefined for inputs, constants and weights. */
  maker(value: string): RecordedNode | undefined {
    return this.nodes.find(({ outputs }) => outputs.includes(value))
  }

  override input(name: string, type: ElementType, dims: readonly Dim[]): string {
    this.inputs.set(name, { type, dims })
    return super.input(name, type, dims)
  }

  override output(name: string, type: ElementType, dims: readonly Dim[]): void {
    this.outputs.set(name, { type, dims })
    super.output(name, type, dims)
  }

  override ops(
    type: string,
    inputs: readonly string[],
    outputs: readonly string[],
    attributes: Record<string, Attribute> = {},
  ): void {
    this.nodes.push({ type, inputs, outputs, attributes })
    super.ops(type, inputs, outputs, attributes)
  }

  override constant(...given: Parameters<GraphBuilder['constant']>): string {
    const name = super.constant(...given)
    this.constants.set(name, given[1])
    return name
  }

  override weight(ref: WeightRef): string {
    this.weights.push(ref.name)
    return super.weight(ref)
  }
}

/** A weight that lies in no file. */
export function weightRef(name: string, dims: number[] = [1], type: ElementType = 'float32'): WeightRef {
  return { name, type, dims, file: 'weights.bin', offset: 0, bytes: 4 }
}
