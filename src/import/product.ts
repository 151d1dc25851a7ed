/** Products x W^T of float32 matrices, by ONNX Runtime: for steps of import too large for plain loops. */
import type { InferenceSession } from 'onnxruntime-node'
import { GraphBuilder } from '../onnx/graph-builder.js'
import { loadOnnxRuntime, type OnnxRuntime } from '../runtime/onnxruntime.js'

export class Products {
  private constructor(
    private readonly ort: OnnxRuntime,
    private readonly session: InferenceSession,
  ) {}

  static async open(): Promise<Products> {
    const g = new GraphBuilder('product')
    const inputs = [g.input('x', 'float32', ['N', 'in']), g.input('w', 'float32', ['out', 'in'])]
    g.op('FusedMatMul', inputs, { transA: 0, transB: 1 }, 'y')
    g.output('y', 'float32', ['N', 'out'])
    const ort = await loadOnnxRuntime()
    return new Products(ort, await ort.InferenceSession.create(g.encode()))
  }

  /** [N, outputs] of `x` [N, inputs] and `weights` [outputs, inputs]. */
  async of(x: Float32Array, weights: Float32Array, inputs: number): Promise<Float32Array> {
    const { Tensor } = this.ort
    const { y } = await this.session.run({
      x: new Tensor('float32', x, [x.length / inputs, inputs]),
      w: new Tensor('float32', weights, [weights.length / inputs, inputs]),
    })
    return y.data as Float32Array
  }

  close(): Promise<void> {
    return this.session.release()
  }
}
