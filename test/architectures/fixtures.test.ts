// @process native
/**
 * Every family's tiny models from `test/fixtures/families/make.py`, as folder and as GGUF: fp32 logits and greedy
 * tokens are PyTorch's, on a prompt longer than every window and beyond the context that a stretched rotary embedding
 * starts from.
 */
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { architectures } from '../../src/architectures/index.js'
import { openCheckpoint } from '../../src/import/open-checkpoint.js'
import type { Forward } from '../../src/runtime/forward.js'
import { decodeArranged, differingRows } from '../support/bits.js'
import { imported, openImported, openImportedStreamed, using } from '../support/imported.js'

interface Reference {
  prompt: number[]
  /** Rows of the prompt whose logits are kept. */
  rows: number[]
  /** float32 [rows, vocab] as base64. */
  logits: string
  /** Greedy tokens after the prompt. */
  greedy: number[]
  /** Of a text within the context that the embedding was stretched from, where such texts are turned otherwise. */
  short?: Reference
}

const root = fileURLToPath(new URL('../fixtures/families/', import.meta.url))
const names = readdirSync(root, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []))

const referenceOf = (name: string): Reference =>
  JSON.parse(readFileSync(join(root, name.replace(/-nested$/, ''), 'reference.json'), 'utf8')) as Reference

for (const name of names) {
  const gguf = join(root, name, `${name}.gguf`)
  for (const path of [join(root, name), ...(existsSync(gguf) ? [gguf] : [])]) {
    test(`logits and greedy tokens are PyTorch's: ${name}, ${path === gguf ? 'GGUF' : 'folder'}`, async () => {
      const checkpoint = await openCheckpoint(path)
      const model = await imported(checkpoint, 'fp32')
      await checkpoint.close()
      await using(openImported(model, { slots: 128 }), (forward) => assertLike(forward, referenceOf(name)))
    })
    const { short } = referenceOf(name)
    if (!short) continue
    test(`opened for short texts, so are those: ${name}, ${path === gguf ? 'GGUF' : 'folder'}`, async () => {
      const checkpoint = await openCheckpoint(path, architectures, 16)
      const model = await imported(checkpoint, 'fp32')
      await checkpoint.close()
      assert.is(checkpoint.within, 16)
      await using(openImported(model, { slots: 128 }), (forward) => assertLike(forward, short))
    })
  }
}

test('a model whose layers all see a window gives the same bits streamed as in memory', async () => {
  const checkpoint = await openCheckpoint(join(root, 'mistral'))
  const model = await imported(checkpoint, 'w8a8')
  await checkpoint.close()
  const { prompt } = referenceOf('mistral')
  const { vocab } = checkpoint.spec
  const decode = (forward: Forward): Promise<Float32Array> =>
    decodeArranged(forward, prompt, { chunk: () => 7, siblings: 1, permute: true })
  const resident = await using(openImported(model, { slots: 128 }), decode)
  const streamed = await using(openImportedStreamed(model, { slots: 128, residentLayers: 0 }), decode)
  assert.equal(differingRows(resident, streamed, vocab), [])
})

async function assertLike(forward: Forward, { prompt, rows, logits, greedy }: Reference): Promise<void> {
  const { vocab } = forward.info
  const expected = new Float32Array(new Uint8Array(Buffer.from(logits, 'base64')).buffer)
  const tokens = [...prompt, ...greedy]
  const found = await decodeArranged(forward, tokens, { chunk: () => 7, siblings: 1, permute: true })
  const row = (at: number): Float32Array => found.subarray(at * vocab, (at + 1) * vocab)
  const worst = rows.flatMap((at, i) => Array.from(row(at), (x, c) => Math.abs(x - expected[i * vocab + c])))
  const largest = Math.max(...worst)
  assert.ok(largest < 1e-4, `largest difference ${largest}`)
  assert.equal(
    greedy.map((_, i) => likeliest(row(prompt.length - 1 + i))),
    greedy,
  )
}

function likeliest(row: Float32Array): number {
  return row.reduce((best, x, i) => (x > row[best] ? i : best), 0)
}

test.run()
