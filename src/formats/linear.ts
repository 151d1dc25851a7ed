/**
 * Linear layers, y [.., outputs] = x [.., inputs] W, as they lie in the weight file and as a graph has them. What their
 * tensors mean, and which operators multiply by them, is the affair of the `LinearKind` that wrote them.
 */
import type { DeviceName } from '../runtime/binding/device.js'
import type { GraphBuilder, WeightRef } from '../onnx/graph-builder.js'
import type { Step } from '../onnx/integers.js'
import type { ElementType } from '../onnx/proto.js'
import type { IntegerType } from '../spec/manifest.js'

export interface LinearShape {
  inputs: number
  outputs: number
}

/** One way to store and multiply the weights of linear layers. */
export interface LinearKind {
  /** At most what `write` adds to the file: a kind may look at the weights. */
  bytes(shape: LinearShape): number
  /** At most what a session keeps of a linear layer whose weights are constants of its graph. */
  openedBytes(shape: LinearShape): number
  /** What multiplying takes on a device beside weights that come as inputs. */
  spreadBytes(shape: LinearShape, device: DeviceName): number
  /** Writes `weights` float32 [outputs, inputs] under `name`. */
  write(to: LinearTarget, name: string, weights: Float32Array, shape: LinearShape): Promise<StoredLinear>
  /** Values that all its linear layers of one pass use, by name. `positions`: int64 [1, N], one a row of the pass. */
  share?(g: GraphBuilder, positions: string): Shared
  /** x W in float32, called `output` where given, for float32 x. */
  emit(g: GraphBuilder, x: string, linear: LinearValues, options: EmitOptions): string
  /** For kinds that round what they read by a static step. */
  rounded?: RoundedInputs
}

/** Inputs that come rounded already, as exact attention gives them: uint8 around 128. */
export interface RoundedInputs {
  /** The step that a linear layer takes them in; null where it has no static one. */
  step(linear: LinearValues): Step | null
  /** x W in float32 for such x. */
  emit(g: GraphBuilder, x: string, linear: LinearValues): string
}

/** Where a linear layer is written to, and what is known beside its weights. */
export interface LinearTarget {
  file: TensorFile
  /** How whole numbers are stored, for kinds that round. */
  integers: IntegerType | null
  /** What it will read; null where nothing is known of it. */
  reads: Reads | null
}

/** What a linear layer reads: rows that were seen, or how far values reach from zero. */
export type Reads = SeenRows | { reach: number }

/** Rows [.., inputs], whose channel c is multiplied by `factors[c]`. */
export interface SeenRows {
  rows: readonly Float32Array[]
  factors: Float32Array
}

/** A file that tensors are appended to. */
export interface TensorFile {
  /** Says where the tensor lies. */
  add(
    name: string,
    type: ElementType,
    dims: number[],
    data: Float32Array | Uint16Array | Int8Array | Uint8Array | BigInt64Array,
  ): Promise<WeightRef>
}

/** Where tensors lie together in the weight file, on whole pages. */
export interface Region {
  offset: number
  bytes: number
  crc32: number
}

/** A linear layer in the weight file. */
export interface StoredLinear {
  kind: LinearKind
  inputs: number
  /** Its tensors by part, `weight` first. */
  tensors: Readonly<{ weight: WeightRef } & Record<string, WeightRef>>
  /** Numbers that are this layer's own, by part: a static step. */
  numbers: Readonly<Record<string, number>>
}

/** A linear layer in a graph: its tensors by name, its numbers as they are or by name. */
export interface LinearValues {
  kind: LinearKind
  inputs: number
  /** Of its weight. */
  type: ElementType
  dims: readonly number[]
  tensors: Readonly<Record<string, string>>
  numbers: Readonly<Record<string, Step>>
}

export type Shared = Readonly<Record<string, string>>
/** What the linear layers of one pass share, by kind. */
export type SharedByKind = ReadonlyMap<LinearKind, Shared>

export interface EmitOptions {
  /** What the kind's `share` gave; undefined outside a pass. */
  shared?: Shared
  output?: string
  /** Whether x and the result are float16, for kinds of formats with `halves`. */
  half?: boolean
}

/** x W in float32 for float32 x; in float16 for float16 x where `half`. */
export function linear(
  g: GraphBuilder,
  x: string,
  values: LinearValues,
  shared?: SharedByKind,
  output?: string,
  half = false,
): string {
  return values.kind.emit(g, x, values, { shared: shared?.get(values.kind), output, half })
}

/** Computes what linear layers of these kinds share within a pass. */
export function sharedByKind(g: GraphBuilder, kinds: Iterable<LinearKind>, positions: string): SharedByKind {
  return new Map([...new Set(kinds)].flatMap((kind) => (kind.share ? [[kind, kind.share(g, positions)] as const] : [])))
}

/** A linear layer whose tensors are weights of the graph. */
export function asWeights(g: GraphBuilder, stored: StoredLinear): LinearValues {
  // The order in which a graph gets its weights is part of its bytes: `weight` comes last.
  const parts = Object.entries(stored.tensors).reverse()
  return {
    ...about(stored),
    tensors: Object.fromEntries(parts.map(([part, ref]) => [part, g.weight(ref)])),
    numbers: stored.numbers,
  }
}

/** A linear layer whose tensors and numbers are inputs of the graph. */
export function asInputs(g: GraphBuilder, name: string, stored: StoredLinear): LinearValues {
  const { tensors, numbers } = inputsOf(name, stored)
  return {
    ...about(stored),
    tensors: Object.fromEntries(tensors.map(({ part, input, ref }) => [part, g.input(input, ref.type, ref.dims)])),
    numbers: Object.fromEntries(numbers.map(({ part, input }) => [part, { value: g.input(input, 'float32', []) }])),
  }
}

function about({ kind, inputs, tensors }: StoredLinear): Pick<LinearValues, 'kind' | 'inputs' | 'type' | 'dims'> {
  return { kind, inputs, type: tensors.weight.type, dims: tensors.weight.dims }
}

/** What the inputs are called that bring a linear layer: its weight by `name`, other parts as `name.part`. */
export function inputsOf(name: string, { tensors, numbers }: StoredLinear): LinearInputs {
  return {
    tensors: Object.entries(tensors).map(([part, ref]) => ({
      part,
      input: part === 'weight' ? name : `${name}.${part}`,
      ref,
    })),
    numbers: Object.entries(numbers).map(([part, value]) => ({ part, input: `${name}.${part}`, value })),
  }
}

export interface LinearInputs {
  tensors: { part: string; input: string; ref: WeightRef }[]
  /** float32 scalars. */
  numbers: { part: string; input: string; value: number }[]
}
