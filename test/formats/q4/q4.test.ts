// @process native
/** The format as an engine has it, on the micro pair (Q8_0: blocks of 8 bits) and on float weights (4 bits). */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { q4 } from '../../../src/formats/q4/q4.js'
import { openEngine, type EngineOptions } from '../../../src/index.js'
import { InvalidArgumentError } from '../../../src/spec/errors.js'
import { decodeArranged, differingRows } from '../../support/bits.js'
import { imported, openImported, using } from '../../support/imported.js'
import { randomLlama, randomShape, seeded } from '../../support/random-llama.js'
import { tempFolder } from '../../support/temp-folder.js'

const test = suite('format q4')
const cacheDir = tempFolder()
const isExact = await q4.integers.areExact(await q4.integers.best())

async function texts(
  draft: string,
  more: Partial<EngineOptions> = {},
): Promise<{ texts: string[]; bitExact: boolean }> {
  const engine = await openEngine({ target: 'micro', draft, format: 'q4', cacheDir, ...more })
  try {
    const said: string[] = []
    for (const temperature of [0, 0.8]) {
      for (const [seed, prompt] of ['Once upon a time', 'The dog', 'Tom and'].entries()) {
        let text = ''
        for await (const part of engine.generate({ prompt, maxTokens: 40, temperature, seed })) text += part.text
        said.push(text)
      }
    }
    return { texts: said, bitExact: engine.info.bitExact }
  } finally {
    await engine.close()
  }
}

test('with trees an engine says what it says without, greedy and sampled, where bits are exact', async () => {
  const [plain, drafted] = [await texts('none'), await texts('auto')]
  assert.is(plain.bitExact, isExact)
  assert.ok(plain.texts.every((text) => text.length > 0))
  if (isExact) assert.equal(drafted.texts, plain.texts)
})

test('with K in halves too, by either runtime', async () => {
  const plain = await texts('none', { kv: 'f16', runtime: 'portable' })
  const drafted = await texts('auto', { kv: 'f16' })
  assert.equal([plain.bitExact, drafted.bitExact], [isExact, isExact])
  if (isExact) assert.equal(drafted.texts, plain.texts)
})

test('rows of 4 bits get the same bits in chains, chunks, trees and groups of lanes', async () => {
  if (!isExact) return
  const random = seeded(8)
  const model = await imported(randomLlama({ hidden: 64, headDim: 16, heads: 4, inner: 160 }), 'q4')
  const tokens = Array.from({ length: 40 }, () => Math.floor(random() * randomShape.vocab))
  const alone = await using(openImported(model, { slots: 256 }), (forward) => decodeArranged(forward, tokens))
  for (const grouped of [false, true]) {
    await using(openImported(model, { slots: 256 }, grouped), async (forward) => {
      for (const rows of [1, 2, 3, 7, 16, 40]) {
        const arranged = await decodeArranged(forward, tokens, { chunk: () => rows, permute: true, siblings: rows % 4 })
        assert.equal(differingRows(alone, arranged, randomShape.vocab), [], `${rows} rows`)
      }
    })
  }
})

test('a budget of memory is refused, with the formats that can be streamed', async () => {
  const opening = openEngine({ target: 'micro', format: 'q4', memory: '50MB', cacheDir })
  const error: unknown = await opening.catch((reason: unknown) => reason)
  assert.ok(error instanceof InvalidArgumentError && error.param === 'memory')
  assert.match((error as Error).message, /w8a8.*q4/)
})

test.run()
