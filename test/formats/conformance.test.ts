// @process native
/**
 * What every weight format promises, over all entries of the registry and one that this test alone sets (`w8.ts`, the
 * example of docs/extend.md).
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { InferenceSession, Tensor } from 'onnxruntime-node'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { featureBasis, formats } from '../../src/formats/index.js'
import { asInputs, asWeights, linear, sharedByKind, type Reads, type StoredLinear } from '../../src/formats/linear.js'
import type { WeightFormat } from '../../src/formats/weight-format.js'
import { openEngine } from '../../src/index.js'
import { importModel } from '../../src/import/index.js'
import { WeightFile } from '../../src/import/weight-file.js'
import { GraphBuilder } from '../../src/onnx/graph-builder.js'
import { decodeArranged, differingRows } from '../support/bits.js'
import { readDoc } from '../support/doc-examples.js'
import { imported, openImported, openImportedStreamed, using } from '../support/imported.js'
import { referenceLogits } from '../support/model-reference.js'
import { randomLlama, seeded } from '../support/random-llama.js'
import { tempFolder } from '../support/temp-folder.js'
import { w8 } from './w8.js'

formats.set(w8.name, w8)

/** Largest error of one linear layer, and of a model's logits, as a part of their own size (root mean squares). */
const MOST_ERROR: Record<string, number> = { q4: 0.1 }
const USUAL_MOST_ERROR = 0.03
const MOST_LOGITS_ERROR: Record<string, number> = { q4: 0.4 }
const USUAL_MOST_LOGITS_ERROR = 0.15
const [ROWS, INPUTS, OUTPUTS, VOCAB] = [5, 48, 40, 266]

const twoTokens = {
  tokens: Int32Array.of(3, 4),
  positions: Int32Array.of(0, 1),
  slots: Int32Array.of(0, 1),
  lanes: new Int32Array(2),
  liveSlots: 2,
  mask: Uint8Array.of(1, 0, 1, 1),
  logitRows: new Int32Array(0),
}
const random = seeded(11)
const values = (length: number): Float32Array => Float32Array.from({ length }, () => random() + random() - 1)
const weights = values(OUTPUTS * INPUTS)
const x = values(ROWS * INPUTS)
const tokens = Array.from({ length: 20 }, () => Math.floor(random() * VOCAB))

/** x W, [ROWS, OUTPUTS]. */
const product = Float32Array.from({ length: ROWS * OUTPUTS }, (_, at) => {
  const [row, out] = [Math.floor(at / OUTPUTS), at % OUTPUTS]
  let sum = 0
  for (let i = 0; i < INPUTS; i++) sum += x[row * INPUTS + i] * weights[out * INPUTS + i]
  return sum
})

function relativeError(wanted: ArrayLike<number>, got: ArrayLike<number>): number {
  let [error, size] = [0, 0]
  for (let i = 0; i < wanted.length; i++) {
    error += (wanted[i] - got[i]) ** 2
    size += wanted[i] ** 2
  }
  return Math.sqrt(error / size)
}

interface Written {
  dir: string
  stored: StoredLinear
  bytes: number
}

async function writeLinear({ linears, integers }: WeightFormat, reads: Reads | null): Promise<Written> {
  const dir = tempFolder()
  const file = await WeightFile.create(join(dir, 'weights.bin'))
  const to = { file, integers: integers && (await integers.best()), reads }
  const stored = await linears.write(to, 'w', weights, { inputs: INPUTS, outputs: OUTPUTS })
  await file.finish()
  return { dir, stored, bytes: Object.values(stored.tensors).reduce((sum, ref) => sum + ref.bytes, 0) }
}

/** Multiplies the first `rows` rows of x, by weights of the graph or by weights as its inputs. */
async function multiply({ dir, stored }: Written, as: 'weights' | 'inputs', rows = ROWS): Promise<Float32Array> {
  const g = new GraphBuilder('linear')
  const input = g.input('x', 'float32', [1, 'N', INPUTS])
  const positions = g.input('positions', 'int64', [1, 'N'])
  const layer = as === 'weights' ? asWeights(g, stored) : asInputs(g, 'w', stored)
  linear(g, input, layer, sharedByKind(g, [stored.kind], positions), 'y')
  g.output('y', 'float32', [1, 'N', OUTPUTS])
  const path = join(dir, `${as}.onnx`)
  writeFileSync(path, g.encode())
  const session = await InferenceSession.create(path)
  const feeds: Record<string, Tensor> = {
    x: new Tensor('float32', x.slice(0, rows * INPUTS), [1, rows, INPUTS]),
    positions: new Tensor('int64', new BigInt64Array(rows), [1, rows]),
  }
  const data = readFileSync(join(dir, 'weights.bin'))
  for (const [part, { type, dims, offset, bytes }] of as === 'inputs' ? Object.entries(stored.tensors) : []) {
    const own = new Uint8Array(data.subarray(offset, offset + bytes))
    feeds[part === 'weight' ? 'w' : `w.${part}`] = tensor(type, own, dims)
  }
  for (const [part, value] of as === 'inputs' ? Object.entries(stored.numbers) : [])
    feeds[`w.${part}`] = new Tensor('float32', Float32Array.of(value), [])
  try {
    const known = Object.fromEntries(session.inputNames.map((name) => [name, feeds[name]]))
    return (await session.run(known)).y.data as Float32Array
  } finally {
    await session.release()
  }
}

function tensor(type: string, bytes: Uint8Array, dims: number[]): Tensor {
  if (type === 'int8') return new Tensor('int8', new Int8Array(bytes.buffer), dims)
  if (type === 'uint8') return new Tensor('uint8', bytes, dims)
  if (type === 'float16') return new Tensor('float16', new Uint16Array(bytes.buffer), dims)
  return new Tensor('float32', new Float32Array(bytes.buffer), dims)
}

for (const format of formats.values()) {
  const test = suite(`format ${format.name}`)
  const mostError = MOST_ERROR[format.name] ?? USUAL_MOST_ERROR
  const mostLogitsError = MOST_LOGITS_ERROR[format.name] ?? USUAL_MOST_LOGITS_ERROR
  const rows = Array.from({ length: ROWS }, (_, row) => x.slice(row * INPUTS, (row + 1) * INPUTS))
  const knowledge: [name: string, reads: Reads | null][] = [
    ['nothing is known of its inputs', null],
    ['its inputs were seen', { rows, factors: new Float32Array(INPUTS).fill(1) }],
  ]
  for (const [name, reads] of knowledge) {
    test(`a linear layer takes no more bytes than told, and multiplies within the error, where ${name}`, async () => {
      const written = await writeLinear(format, reads)
      const told = format.linears.bytes({ inputs: INPUTS, outputs: OUTPUTS })
      assert.ok(written.bytes <= told && written.bytes >= told / 2, `${written.bytes} of ${told} bytes`)
      const result = await multiply(written, 'weights')
      const error = relativeError(product, result)
      assert.ok(error < mostError, `relative error ${error}`)
      const fromInputs = await multiply(written, 'inputs')
      // ONNX Runtime may choose other operators where it knows the weights.
      if (format.exact && format.streams) assert.equal(fromInputs, result)
      else assert.ok(relativeError(result, fromInputs) < mostError)
    })
  }

  test('a linear layer outside a pass, as the head is, multiplies alike, and no row where there is none', async () => {
    const { dir, stored } = await writeLinear(format, null)
    const g = new GraphBuilder('head')
    linear(g, g.input('x', 'float32', ['m', INPUTS]), asWeights(g, stored), undefined, 'y')
    g.output('y', 'float32', ['m', OUTPUTS])
    writeFileSync(join(dir, 'head.onnx'), g.encode())
    const session = await InferenceSession.create(join(dir, 'head.onnx'))
    const { y } = await session.run({ x: new Tensor('float32', x, [ROWS, INPUTS]) })
    assert.ok(relativeError(product, y.data as Float32Array) < mostError)
    const none = await session.run({ x: new Tensor('float32', new Float32Array(0), [0, INPUTS]) })
    assert.equal([none.y.dims, none.y.data.length], [[0, OUTPUTS], 0])
    await session.release()
  })

  if (format.exact) {
    test('a row of a linear layer has the same bits alone and in company', async () => {
      for (const [, reads] of knowledge) {
        const written = await writeLinear(format, reads)
        const least = (await format.leastRows?.()) ?? 1
        const [alone, all] = [await multiply(written, 'weights', least), await multiply(written, 'weights')]
        assert.equal(alone, all.slice(0, least * OUTPUTS))
      }
    })
  }

  test('a table takes no more bytes than told, and gives rows within the error', async () => {
    const dir = tempFolder()
    const file = await WeightFile.create(join(dir, 'weights.bin'))
    const shape = { vocab: OUTPUTS, hidden: INPUTS }
    const stored = await format.table.write(file, weights, shape)
    await file.finish()
    const [written, told] = [stored.rows.bytes + (stored.scale?.bytes ?? 0), format.table.bytes(shape)]
    assert.ok(written <= told && written > told / 2, `${written} of ${told} bytes`)
    const g = new GraphBuilder('table')
    const rows = format.table.emit(g, stored, g.input('tokens', 'int64', [1, 'N']))
    g.op('Identity', [rows], {}, 'rows')
    g.output('rows', 'float32', [1, 'N', INPUTS])
    writeFileSync(join(dir, 'table.onnx'), g.encode())
    const session = await InferenceSession.create(join(dir, 'table.onnx'))
    const looked = await session.run({ tokens: new Tensor('int64', BigInt64Array.of(7n, 0n), [1, 2]) })
    await session.release()
    const wanted = [...weights.slice(7 * INPUTS, 8 * INPUTS), ...weights.slice(0, INPUTS)]
    const error = relativeError(wanted, looked.rows.data as Float32Array)
    assert.ok(error < mostError, `relative error ${error}`)
  })

  test('a model decodes close to a plain reference, alike in memory and streamed', async () => {
    const checkpoint = randomLlama()
    assert.is(format.refuses(checkpoint.spec), null)
    const model = await imported(checkpoint, format.name)
    const logits = await using(openImported(model), (forward) => decodeArranged(forward, tokens, { chunk: () => 4 }))
    const error = relativeError(
      (await referenceLogits(checkpoint, tokens)).flatMap((row) => [...row]),
      logits,
    )
    assert.ok(error < mostLogitsError, `relative error ${error}`)
    assert.is(Boolean(model.manifest.files.streamed), format.streams)
    if (!format.streams) return
    const streamed = await using(openImportedStreamed(model, { residentLayers: 1 }), (forward) =>
      decodeArranged(forward, tokens, { chunk: () => 4 }),
    )
    if (format.exact) assert.equal(differingRows(logits, streamed, VOCAB), [])
    else assert.ok(relativeError(logits, streamed) < mostError)
  })

  test('a model that may not be rotated keeps its own basis, and decodes as close', async () => {
    const plain = randomLlama()
    const checkpoint = { ...plain, spec: { ...plain.spec, rotates: false } }
    const model = await imported(checkpoint, format.name)
    const logits = await using(openImported(model), (forward) => decodeArranged(forward, tokens, { chunk: () => 4 }))
    const error = relativeError(
      (await referenceLogits(plain, tokens)).flatMap((row) => [...row]),
      logits,
    )
    assert.ok(error < mostLogitsError, `relative error ${error}`)
    assert.is(model.manifest.files.streamed, undefined)
  })

  if (format.exact) {
    test('a row of a model has the same bits in a chain, in a tree and in permuted slots', async () => {
      const { integers } = format
      if (integers && !(await integers.areExact(await integers.best()))) return
      const model = await imported(randomLlama(), format.name)
      await using(openImported(model, { slots: 128 }), async (forward) => {
        const alone = await decodeArranged(forward, tokens)
        const tree = { permute: true, siblings: 3, chunk: () => 3 }
        assert.equal(differingRows(alone, await decodeArranged(forward, tokens, tree), VOCAB), [])
      })
    })
  }
  test.run()
}

const features = suite('features')

features('formats that leave rotated features leave the same ones, up to their rounding', async () => {
  const found = new Map<string, Float32Array>()
  for (const format of [...formats.values()].filter((one) => featureBasis(one) === 'rotated')) {
    const dir = join(tempFolder(), 'model')
    const manifest = await importModel(randomLlama(), { format: format.name, outDir: dir, hidden: true })
    assert.is(manifest.hidden, 'rotated')
    await using(openImported({ dir, manifest }), async (forward) => {
      const hidden = new Float32Array(2 * 48)
      await forward.run(twoTokens, { logits: new Float32Array(0), hidden })
      found.set(format.name, hidden)
    })
  }
  assert.ok(found.size >= 3)
  for (const [name, hidden] of found)
    assert.ok(relativeError(found.get('fp16')!, hidden) < (MOST_LOGITS_ERROR[name] ?? USUAL_MOST_LOGITS_ERROR), name)
})

features.run()

const toy = suite("a format of one's own")

toy('is opened by its name and decodes, with nothing of the sources changed', async () => {
  const engine = await openEngine({ target: 'micro', draft: 'ngram', format: 'w8', cacheDir: tempFolder() })
  try {
    assert.is(engine.info.format, 'w8')
    let text = ''
    for await (const part of engine.generate({ prompt: 'Once', maxTokens: 12, temperature: 0, seed: 1 }))
      text += part.text
    assert.ok(text.length > 0)
  } finally {
    await engine.close()
  }
})

toy('is what docs/extend.md shows', () => {
  const code = readFileSync(new URL('./w8.ts', import.meta.url), 'utf8')
  assert.ok(readDoc('docs/extend.md').includes(`\`\`\`ts\n${code}\`\`\``))
})

toy.run()
