// @process own
/**
 * Drafters that come with the options: the example of docs/plugins.md as it stands but for the model, and what is
 * refused.
 */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { openEngine } from '../../src/index.js'
import type { Drafter } from '../../src/index.js'
import { finished } from '../support/cli.js'
import { example, ExampleFolder, readDoc } from '../support/doc-examples.js'
import { collect } from '../support/equality.js'

const own = suite('drafters of your own')
const folder = new ExampleFolder()
own.after(() => folder.remove())

/** Guesses one token after the root, always the same. */
const stubborn = (given: Partial<Drafter> = {}): Drafter => ({
  name: 'stubborn',
  growth: 'deterministic',
  begin: () => ({
    prepare: async () => {},
    draft: async (history, { maxNodes }) => {
      const tokens = [history[history.length - 1], ...(maxNodes > 1 ? [7] : [])]
      return {
        tokens: Int32Array.from(tokens),
        parents: Int32Array.from(tokens, (_, i) => i - 1),
        depths: Int32Array.from(tokens.keys()),
      }
    },
    commit: () => {},
    release: () => {},
  }),
  dispose: async () => {},
  ...given,
})

own('the example answers again in fewer steps', async () => {
  const { child } = await folder.start('drafter.mjs', example(readDoc('docs/plugins.md'), 'drafter'))
  const { code, out, err } = await finished(child)
  assert.is(code, 0, err)
  const [first, second] = Array.from(out.matchAll(/^round \d: (\d+) tokens in (\d+) steps$/gm), ([, ...counts]) =>
    counts.map(Number),
  )
  assert.equal([first[1], second[0]], [first[0], first[0]], out)
  assert.ok(second[1] < second[0] / 2, out)
})

own('wrong guesses cost steps, never a token', async () => {
  let disposed = 0
  const engine = await openEngine({ target: 'micro', drafters: [stubborn({ dispose: async () => void disposed++ })] })
  const request = { prompt: '# A title\n', maxTokens: 40, seed: 3, temperature: 1 }
  const plain = await collect(engine, { ...request, draft: 'none' })
  const drafted = await collect(engine, { ...request, draft: 'stubborn', tree: [-1, 0] })
  assert.equal(drafted.tokens, plain.tokens)
  assert.ok(drafted.stats.drafted > 0)
  assert.is(engine.usage().slotsUsed, 0)
  await engine.close()
  assert.is(disposed, 1)
})

own('a drafter whose guess fails ends its request alone', async () => {
  const failing = stubborn({
    begin: () => ({
      prepare: async () => {},
      draft: async () => Promise.reject(new Error('out of ideas')),
      commit: () => {},
      release: () => {},
    }),
  })
  const engine = await openEngine({ target: 'micro', drafters: [failing] })
  const other = collect(engine, { prompt: 'This package is', maxTokens: 60, ignoreEos: true })
  await new Promise((resolve) => engine.events.once('step', resolve))
  const error: unknown = await collect(engine, { prompt: 'a', maxTokens: 4, draft: 'stubborn', tree: [-1, 0] }).catch(
    (reason: unknown) => reason,
  )
  assert.match(String(error), 'out of ideas')
  assert.is((await other).tokens.length, 60)
  assert.is(engine.usage().slotsUsed, 0)
  assert.is((await collect(engine, { prompt: 'a', maxTokens: 4 })).tokens.length, 4)
  await engine.close()
})

own('a drafter that cannot begin holds no lane', async () => {
  let tries = 0
  const begin = (): never => {
    tries += 1
    throw new Error('not today')
  }
  const engine = await openEngine({ target: 'micro', maxBatch: 1, drafters: [stubborn({ begin })] })
  for (let i = 1; i <= 3; i++) {
    assert.match(
      String(
        await collect(engine, {
          prompt: 'a',
          maxTokens: 4,
          draft: 'stubborn',
          responseFormat: { type: 'json_object' },
        }).catch((reason: unknown) => reason),
      ),
      'not today',
    )
    assert.is(tries, i)
  }
  assert.is((await collect(engine, { prompt: 'a', maxTokens: 4 })).tokens.length, 4)
  await engine.close()
})

const refused: [string, readonly Drafter[], RegExp][] = [
  [
    'no drafter',
    [{} as Drafter],
    /drafters\[0\] must be a Drafter: an object with name, growth, begin\(\) and dispose\(\)/,
  ],
  [
    'one that draws from q',
    [stubborn({ growth: 'static' })],
    /drafters\[0\]\.growth must be "deterministic"; got "static"/,
  ],
  [
    'a name that is taken',
    [stubborn({ name: 'model' })],
    /drafters\[0\]\.name "model" is taken; give it another name than auto, none, ngram, model, merged/,
  ],
  ['two of one name', [stubborn(), stubborn()], /drafters\[1\]\.name "stubborn" is taken/],
]
for (const [what, drafters, message] of refused) {
  own(`${what} is refused by name`, async () => {
    const error: unknown = await openEngine({ target: 'micro', drafters }).catch((reason: unknown) => reason)
    assert.match(String(error), message)
  })
}

own.run()
