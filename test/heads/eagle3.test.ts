// @process native
/** Engines whose draft is an EAGLE-3 head: whatever it guesses, texts are plain decoding's. */
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { formatNamed } from '../../src/formats/index.js'
import { eagle3 } from '../../src/heads/eagle3.js'
import { eagle3Folder } from '../support/tiny-eagle3.js'
import { closeEngines, engineFor } from '../support/engines.js'
import { assertEqualsPlain, assertSpeculated, newTotals, TREES } from '../support/equality.js'
import { tempFolder } from '../support/temp-folder.js'

const heads = suite('engines with an EAGLE-3 head')
heads.after(closeEngines)

const at = (path: string): string => fileURLToPath(new URL(`../fixtures/${path}`, import.meta.url))
const [target, trained, random] = [at('families/smollm3'), at('eagle3/trained'), at('eagle3/speculators-wide')]
const cacheDir = tempFolder()
const prompts = ['The quick brown', 'one two three', '% of (x) and']

heads(
  'a trained head is right now and then, and texts are plain decoding’s: greedy, with a seed, and by q',
  async () => {
    const engine = await engineFor({ target, draft: trained, format: 'w8a8', cacheDir, threads: 1 })
    assert.is(engine.info.draft, 'trained')
    const totals = newTotals()
    const ways = [
      {},
      { temperature: 0.7, seed: 5 },
      { temperature: 1.1, topP: 0.9, seed: 6 },
      { verifier: 'sequoia' as const },
    ]
    for (const way of ways)
      for (const [i, prompt] of prompts.entries()) {
        const tree = Object.values(TREES)[i]
        const request = { prompt, maxTokens: 36, ignoreEos: true, draft: 'model', tree, ...way }
        await assertEqualsPlain(engine, request, totals, `${prompt} ${JSON.stringify(way)}`)
      }
    assertSpeculated(totals)
    assert.is(engine.usage().slotsUsed, 0)
  },
)

heads('a random head of another width guesses nothing and changes nothing', async () => {
  const engine = await engineFor({ target, draft: random, format: 'w8a8', cacheDir, threads: 1 })
  const totals = newTotals()
  for (const way of [{}, { temperature: 0.9, seed: 7 }])
    await assertEqualsPlain(
      engine,
      { prompt: prompts[0], maxTokens: 24, ignoreEos: true, draft: 'model', tree: TREES.bush, ...way },
      totals,
      'random',
    )
  assert.ok(totals.drafted > 0)
})

heads('a folder is a head by its configuration', async () => {
  assert.ok(await eagle3.recognizes(trained))
  for (const other of [target, at('prompts.json'), at('nowhere')]) assert.not(await eagle3.recognizes(other))
})

heads('its own format is the target’s where that is in full precision, and 8 bits elsewhere', async () => {
  const file = await eagle3.open(random)
  const formats = ['fp32', 'fp16', 'w8a8', 'q4'].map((name) => file.formatFor(formatNamed(name)).name)
  await file.close()
  assert.equal(formats, ['fp32', 'w8a8', 'w8a8', 'w8a8'])
})

heads('a head of a target of another width is refused by its fc', async () => {
  const file = await eagle3.open(eagle3Folder())
  const spec = { hidden: 16, layers: Array.from({ length: 6 }) } as unknown as Parameters<
    NonNullable<typeof file.projection>['of']
  >[0]
  assert.throws(() => file.projection!.of(spec), /fc\.weight.*16 wide: the head is another target's/)
  await file.close()
})

heads.run()
