// @process native
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { PastOutputs } from '../../../plugins/drafters/past-outputs.js'
import { InvalidArgumentError, openEngine, type GenerateRequest } from '../../../src/index.js'
import { closeEngines, engineFor } from '../../support/engines.js'
import { collect } from '../../support/equality.js'
import { seeded } from '../../support/random-llama.js'

const past = suite('guesses from earlier answers')
past.after(closeEngines)

const found = (index: PastOutputs, text: readonly number[]): [match: number, next: (number | undefined)[]][] =>
  index.find(text, 8, 4).map(({ match, next }) => [match, [0, 1, 2].map((depth) => next(depth))])

past(
  'a place is found by the tokens before it, the latest first, and goes on to the end of its answer and no further',
  () => {
    const index = new PastOutputs(64)
    index.add([1, 2, 3, 4, 5])
    index.add([9, 2, 3, 4, 6, 7, 8])
    assert.equal(found(index, [1, 2, 3, 4]), [
      [3, [6, 7, 8]],
      [4, [5, undefined, undefined]],
    ])
    assert.equal(found(index, [3, 4]), [], 'two tokens are too few')
    assert.equal(found(index, [4, 5, 9, 2]), [], 'texts do not go on in each other')
  },
)

past('what does not fit any more goes, the oldest first', () => {
  const index = new PastOutputs(32)
  index.add([1, 2, 3, 4, 5])
  index.add(Array.from({ length: 20 }, (_, i) => 100 + i))
  assert.is(found(index, [1, 2, 3]).length, 1)
  index.add(Array.from({ length: 10 }, (_, i) => 200 + i))
  assert.equal(found(index, [1, 2, 3]), [])
  assert.equal(found(index, [200, 201, 202]), [[3, [203, 204, 205]]])
  index.add(Array.from({ length: 1000 }, (_, i) => i))
  assert.equal(found(index, [995, 996, 997]), [[3, [998, 999, undefined]]])
  assert.equal(found(index, [900, 901, 902]), [])
})

past('it finds what a search of the last tokens finds', () => {
  const random = seeded(8)
  const size = 200
  const index = new PastOutputs(size)
  const written: number[] = []
  let hits = 0
  for (let round = 0; round < 200; round++) {
    const text = Array.from({ length: 1 + Math.floor(random() * 30) }, () => Math.floor(random() * 8))
    const asked = text.slice(-6)
    const kept = written.slice(-size)
    const places = kept.flatMap((_, at) =>
      at >= 2 && asked.length >= 3 && [0, 1, 2].every((i) => kept[at - i] === asked[asked.length - 1 - i]) ? [at] : [],
    )
    const nexts = places
      .reverse()
      .slice(0, 4)
      .map((at) => (kept[at + 1] === -1 ? undefined : kept[at + 1]))
    assert.equal(
      index.find(asked, 8, 4).map(({ next }) => next(0)),
      nexts,
    )
    hits += nexts.length
    index.add(text)
    written.push(-1, ...text, -1)
  }
  assert.ok(hits > 50)
})

/** Chains of guesses whatever the machine's speed. */
const request: GenerateRequest = {
  prompt: 'This package is',
  maxTokens: 80,
  temperature: 0.9,
  seed: 12,
  ignoreEos: true,
  draft: 'ngram',
  tree: [-1, 0, 1, 2, 3, 4],
}

past('a question asked again is answered in fewer steps, with the same text; another is answered as ever', async () => {
  const engine = await engineFor({ target: 'micro', pastOutputs: { maxTokens: 4096 } })
  const first = await collect(engine, request)
  const second = await collect(engine, request)
  const plain = await collect(engine, { ...request, draft: 'none', tree: undefined })
  assert.equal([first.tokens, second.tokens], [plain.tokens, plain.tokens])
  assert.ok(second.stats.steps < 0.4 * first.stats.steps, `${first.stats.steps} steps, then ${second.stats.steps}`)
  const other = { ...request, prompt: '# API\n\n## Usage\n\n```js\nconst', seed: 13 }
  assert.equal(
    (await collect(engine, other)).tokens,
    (await collect(engine, { ...other, draft: 'none', tree: undefined })).tokens,
  )
})

past('nothing is kept unless asked for, nor for longer than there is room', async () => {
  const off = await engineFor({ target: 'micro' })
  const counts = [await collect(off, request), await collect(off, request)].map(({ stats }) => stats.steps)
  assert.is(counts[0], counts[1])
  const small = await openEngine({ target: 'micro', pastOutputs: { maxTokens: 100 } })
  await collect(small, request)
  await collect(small, { ...request, prompt: '- [ ] one', seed: 5, maxTokens: 120 })
  assert.is((await collect(small, request)).stats.steps, counts[0])
  await small.close()
})

past("a trace, which shows guesses, shows none from another's answer", async () => {
  const engine = await engineFor({ target: 'micro', pastOutputs: { maxTokens: 4096 } })
  const off = await engineFor({ target: 'micro' })
  await collect(engine, request)
  const traced = await collect(engine, { ...request, trace: true })
  assert.is(traced.stats.steps, (await collect(off, request)).stats.steps)
})

past('a cap that is none is refused by name', async () => {
  const cases: [unknown, string][] = [
    [{ maxTokens: 0 }, 'pastOutputs.maxTokens'],
    [{}, 'pastOutputs.maxTokens'],
    [5000, 'pastOutputs'],
    [{ tokens: 5 }, 'pastOutputs'],
  ]
  for (const [pastOutputs, param] of cases) {
    const error: unknown = await openEngine({
      target: 'micro',
      pastOutputs: pastOutputs as { maxTokens: number },
    }).catch((reason: unknown) => reason)
    assert.instance(error, InvalidArgumentError)
    assert.is((error as InvalidArgumentError).param, param)
  }
})

past.run()
