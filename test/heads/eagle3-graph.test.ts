// @process native
/**
 * EAGLE-3 heads of every layout and switch (`test/fixtures/eagle3/make.py`), over the outputs of their target's own
 * passes: logits and feedback are PyTorch's, four levels deep, and ids are the target's.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { ensureDraftImported } from '../../src/heads/index.js'
import { eagle3 } from '../../src/heads/eagle3.js'
import { likeliest } from '../../src/heads/target-texts.js'
import { ensureImported } from '../../src/import/index.js'
import type { Forward, ForwardInput } from '../../src/runtime/forward.js'
import { openImported, using, type Imported } from '../support/imported.js'
import { tempFolder } from '../support/temp-folder.js'

interface Reference {
  prompt: number[]
  /** Tokens of the levels below the root. */
  chain: number[]
  /** Token of each row of the head. */
  ids: number[]
  /** float32 [1 + levels, reduced] and [1 + levels, hidden] as base64. */
  logits: string
  fed: string
  /** Of `trained`: texts, and how often its first guess is the target's likeliest token in them. */
  held?: { texts: number[][]; share: number }
}

const heads = suite('EAGLE-3 heads')
const root = fileURLToPath(new URL('../fixtures/eagle3/', import.meta.url))
const TARGET = fileURLToPath(new URL('../fixtures/families/smollm3', import.meta.url))
const names = readdirSync(root, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []))
const shared = tempFolder()

interface Pair {
  target: Imported
  draft: Imported
  /** What the import told. */
  lines: string[]
}

async function pair(name: string, format: string, cacheDir = shared): Promise<Pair> {
  const lines: string[] = []
  const file = await eagle3.open(join(root, name))
  try {
    const target = await ensureImported(TARGET, { cacheDir, format, projection: file.projection! })
    const told = { cacheDir, onProgress: ({ text }: { text: string }): void => void lines.push(text) }
    return {
      target,
      draft: await ensureDraftImported(file, { source: TARGET, manifest: target.manifest }, told),
      lines,
    }
  } finally {
    await file.close()
  }
}

/** Rows of a chain after `from` cached ones; logits of all of them. */
async function run(
  forward: Forward,
  tokens: readonly number[],
  from: number,
  features?: Float32Array,
): Promise<{ logits: Float32Array; hidden: Float32Array }> {
  const n = tokens.length
  const all = from + n
  const places = Int32Array.from({ length: n }, (_, i) => from + i)
  const input: ForwardInput = {
    tokens: Int32Array.from(tokens),
    positions: places,
    slots: places,
    lanes: new Int32Array(n),
    liveSlots: all,
    mask: Uint8Array.from({ length: n * all }, (_, i) => (i % all <= from + Math.floor(i / all) ? 1 : 0)),
    logitRows: Int32Array.from({ length: n }, (_, i) => i),
    features,
  }
  const { vocab, features: widths } = forward.info
  const output = { logits: new Float32Array(n * vocab), hidden: new Float32Array(n * widths.written) }
  await forward.run(input, output)
  return output
}

/** Logits and feedback of the root's row and of three levels below, by the head's own feedback. */
async function levels(
  { target, draft }: Pair,
  { prompt, chain }: Reference,
): Promise<Record<'logits' | 'fed', Float32Array[]>> {
  const { hidden: features } = await using(openImported(target), (forward) => run(forward, prompt, 0))
  return using(openImported(draft), async (forward) => {
    const { read } = forward.info.features
    const rows = prompt.length - 1
    const found = [await run(forward, prompt.slice(1), 0, features.subarray(0, rows * read))]
    for (const [level, token] of chain.entries())
      found.push(await run(forward, [token], rows + level, found[level].hidden.slice(-read)))
    return {
      logits: found.map(({ logits }) => logits.slice(-forward.info.vocab)),
      fed: found.map(({ hidden }) => hidden.slice(-read)),
    }
  })
}

/** How often the head's first guess is the target's likeliest token. */
async function shareOf({ target, draft }: Pair, texts: readonly number[][]): Promise<number> {
  const guesses = (logits: Float32Array, vocab: number): number[] =>
    Array.from({ length: logits.length / vocab }, (_, row) =>
      likeliest(logits.subarray(row * vocab, (row + 1) * vocab)),
    )
  const seen = await using(openImported(target), async (forward) => {
    const passes = []
    for (const text of texts) passes.push(await run(forward, text, 0))
    return passes.map(({ logits, hidden }) => ({ wanted: guesses(logits, forward.info.vocab), hidden }))
  })
  return using(openImported(draft), async (forward) => {
    let [right, all] = [0, 0]
    for (const [i, text] of texts.entries()) {
      const { wanted, hidden } = seen[i]
      // The last of them is what no target's token was asked for in PyTorch either.
      const rows = text.length - 3
      const { logits } = await run(
        forward,
        text.slice(1, rows + 1),
        0,
        hidden.subarray(0, rows * forward.info.features.read),
      )
      const guessed = guesses(logits, forward.info.vocab)
      right += guessed.filter((token, row) => token === wanted[row + 1]).length
      all += rows
    }
    return right / all
  })
}

const referenceOf = (name: string): Reference =>
  JSON.parse(readFileSync(join(root, name, 'reference.json'), 'utf8')) as Reference
const floats = (base64: string): Float32Array => new Float32Array(new Uint8Array(Buffer.from(base64, 'base64')).buffer)

for (const name of names) {
  heads(`${name}: logits and feedback of four levels are PyTorch's, tokens outside its head have none`, async () => {
    const reference = referenceOf(name)
    const found = await levels(await pair(name, 'fp32'), reference)
    const { ids } = reference
    const logits = found.logits.flatMap((row) => ids.map((id) => row[id]))
    const worst = largestDifference(logits, floats(reference.logits))
    assert.ok(worst < 1e-4, `logits differ by ${worst}`)
    const fed = largestDifference(
      found.fed.flatMap((row) => [...row]),
      floats(reference.fed),
    )
    assert.ok(fed < 1e-4, `feedback differs by ${fed}`)
    const outside = Array.from(found.logits[0].keys()).filter((id) => !ids.includes(id))
    assert.ok(outside.every((id) => found.logits.every((row) => row[id] === -Infinity)))
  })
}

for (const format of ['w8a8', 'fp16', 'q4']) {
  heads(
    `of a target in ${format}, logits are close to PyTorch's: a rotation is folded into the projection`,
    async () => {
      for (const name of ['raw-full', 'speculators-wide']) {
        const reference = referenceOf(name)
        const found = await levels(await pair(name, format), reference)
        const logits = found.logits.flatMap((row) => reference.ids.map((id) => row[id]))
        const distance = relativeDistance(logits, floats(reference.logits))
        // Four bits leave random weights of a target this small little more than half of what they were.
        assert.ok(distance < (format === 'q4' ? 0.7 : 0.15), `${name}: ${distance}`)
      }
    },
  )
}

heads('a head that was trained is right as often as in PyTorch, and nearly so in 8 bits', async () => {
  const { texts, share } = referenceOf('trained').held!
  const found = await shareOf(await pair('trained', 'fp32'), texts)
  assert.ok(Math.abs(found - share) < 0.01, `${found} of ${share}`)
  const rounded = await shareOf(await pair('trained', 'w8a8'), texts)
  assert.ok(Math.abs(rounded - share) < 0.08, `${rounded} of ${share}`)
})

heads('its layers are measured at import, and are right where it was trained', async () => {
  const { draft, target, lines } = await pair('trained', 'q4', tempFolder())
  const { layers, rule, agreement } = draft.manifest.reads!
  assert.equal([layers, rule], [[0, 2, 4], 'output'])
  assert.equal(target.manifest.taps, [0, 2, 4])
  assert.equal(
    agreement.map(({ shift }) => shift),
    [-1, 0, 1],
  )
  const [lower, own, higher] = agreement.map(({ share }) => share)
  assert.is(higher, null, 'there is no layer after the last')
  // Layers of a model this small leave streams much like those before.
  assert.ok(own! > lower! && own! > 0.3, JSON.stringify(agreement))
  assert.match(lines.join('\n'), /draft trained: its first guess is the likeliest token of smollm3 at \d+ %/)
  assert.not.match(lines.join('\n'), /warning/)
})

function largestDifference(found: ArrayLike<number>, expected: Float32Array): number {
  assert.is(found.length, expected.length)
  return expected.reduce((worst, value, i) => Math.max(worst, Math.abs(found[i] - value)), 0)
}

function relativeDistance(found: ArrayLike<number>, expected: Float32Array): number {
  const square = (values: Float32Array): number => values.reduce((sum, value) => sum + value * value, 0)
  return Math.sqrt(square(expected.map((value, i) => found[i] - value)) / square(expected))
}

heads.run()
