import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { architectures, plainSpec } from '../../src/architectures/index.js'
import { importModel } from '../../src/import/index.js'
import { GraphBuilder } from '../../src/onnx/graph-builder.js'
import { missingKernels } from '../support/cuda-kernels.js'
import { families } from '../support/families.js'
import { imported } from '../support/imported.js'
import { randomLlama, randomModel, randomShape } from '../support/random-llama.js'
import { tempFolder } from '../support/temp-folder.js'

/** The bytes of each graph of an import. */
function graphsIn({ dir, manifest }: Awaited<ReturnType<typeof imported>>): Uint8Array[] {
  return Object.keys(manifest.checks)
    .filter((name) => name.endsWith('.onnx'))
    .map((name) => readFileSync(join(dir, name)))
}

for (const family of architectures) {
  const { name } = family
  const spec = family.spec(families[name])
  const capped = spec.layers.some(({ attention }) => attention.cap !== null)
  const what = capped ? 'capped scores are refused on a device' : 'every node has a kernel on the GPU'
  test(`${name}: ${what}`, async () => {
    for (const format of ['fp16', 'fp32', 'q4']) {
      const made = imported(randomModel(spec), format, true)
      if (capped) {
        const error = await made.then(() => null, String)
        assert.match(String(error), /capped.*leave device out/)
        continue
      }
      const graphs = graphsIn(await made)
      assert.is(graphs.length, 2)
      for (const graph of graphs) assert.equal(missingKernels(graph), [])
    }
  })
}

test('a graph that leaves features for a draft has kernels for every node too', async () => {
  const dir = join(tempFolder(), 'hidden')
  const manifest = await importModel(randomLlama(), { format: 'fp16', outDir: dir, hidden: true, onDevice: true })
  for (const graph of graphsIn({ dir, manifest })) assert.equal(missingKernels(graph), [])
})

test('an operator that is not on the list is found, and so is a type, a version and a mix of types', () => {
  const graph = (build: (g: GraphBuilder, x: string, bools: string) => string, opset = 23): string[] => {
    const g = new GraphBuilder('test', opset)
    g.output(build(g, g.input('x', 'float32', [1]), g.input('b', 'bool', [1])), 'float32', [1])
    return missingKernels(g.encode())
  }
  assert.equal(
    graph((g, x) => g.op('MatMulIntegerToFloat', [x, x])),
    ['MatMulIntegerToFloat: not on the list'],
  )
  assert.equal(
    graph((g, _, bools) => g.op('ReduceMax', [bools])),
    ['ReduceMax: bool as input 0', 'ReduceMax: bool as output 0'],
  )
  assert.equal(
    graph((g, x) => g.op('Attention', [x, x, x]), 21),
    ['Attention: no kernel of version 21'],
  )
  assert.equal(
    graph((g, x) => g.op('Add', [x, g.op('Cast', [x], { to: 10 })])),
    ['Add: inputs of several types'],
  )
  assert.equal(
    graph((g, x) => g.op('Add', [x, x])),
    [],
  )
})

test('of the graphs that stream layers, one reduction of booleans has no kernel on the GPU', async () => {
  const model = await imported(randomLlama(), 'fp16')
  for (const role of ['layer', 'singleLayer', 'head', 'upload'] as const) {
    const missing = missingKernels(readFileSync(join(model.dir, model.manifest.files.streamed![role]!)))
    const reduction = ['ReduceMax: bool as input 0', 'ReduceMax: bool as output 0']
    assert.equal(missing, role.toLowerCase().includes('layer') ? reduction : [], role)
  }
})

test('heads stay in the checkpoint’s order, caches lie lane by lane in the type of the branches', async () => {
  const { manifest } = await imported(randomModel(plainSpec(randomShape)), 'fp16', true)
  assert.equal([manifest.device, manifest.vType, manifest.files.streamed], [{ cache: 'float16' }, 'float16', undefined])
  const fp32 = await imported(randomModel(plainSpec(randomShape)), 'fp32', true)
  assert.equal([fp32.manifest.device, fp32.manifest.vType], [{ cache: 'float32' }, 'float32'])
})

test.run()
