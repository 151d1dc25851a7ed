/**
 * Tree decoding equals plain decoding token for token: greedy (50 prompts x 256 tokens) and coupled with a seed (20
 * prompts x 128 tokens at temperatures 0.3, 0.8, 1.3 and with top-p 0.9), on SmolLM2 and on the micro pair with both
 * drafters; and what is done where nobody says how, on the benchmarks' own prompts. With `--model` on another published
 * model alone: greedy as much as `real-models.ts` says.
 */
import { readFileSync } from 'node:fs'
import { suite } from 'uvu'
import benchPrompts from '../../bench/prompts.json' with { type: 'json' }
import type { EngineOptions, GenerateRequest } from '../../src/api/types.js'
import { closeEngines, engineFor } from '../support/engines.js'
import { assertEqualsPlain, assertSpeculated, newTotals, TREES } from '../support/equality.js'
import { isAtHand, realModel, testedModel } from '../support/real-models.js'
import { testedFormat, testedKv } from '../support/tested-format.js'

const prompts: string[] = JSON.parse(readFileSync(new URL('../fixtures/prompts.json', import.meta.url), 'utf8'))
const equality = suite('equality')
equality.after(closeEngines)

const isUsual = testedModel === realModel()
const skip = !isAtHand(testedModel)
const { greedy } = testedModel

const pairs: { target: string; draft: string; skip: boolean }[] = [
  ...testedModel.drafts.map((draft) => ({ target: testedModel.name, draft, skip })),
  ...(isUsual ? ['model', 'ngram'].map((draft) => ({ target: 'micro', draft, skip: false })) : []),
]
/**
 * N-grams guess from what was said before: where an answer rarely repeats itself, as sampled ones and the micro model's
 * do, the prompt does.
 */
function asked(content: string, repeats: boolean): Pick<GenerateRequest, 'messages' | 'prompt'> {
  return repeats ? { prompt: `- ${content}\n`.repeat(6) } : testedModel.asked(content)
}

const samplings: Partial<GenerateRequest>[] = [
  { temperature: 0.3 },
  { temperature: 0.8 },
  { temperature: 1.3 },
  { temperature: 0.8, topP: 0.9 },
]

for (const { target, draft, skip } of pairs) {
  const check = skip ? equality.skip : equality
  const options: EngineOptions = { target, format: testedFormat, kv: testedKv }

  check(
    `greedy, ${testedFormat}: ${target} with ${draft}, ${greedy.prompts} prompts x ${greedy.tokens} tokens`,
    async () => {
      const engine = await engineFor(options)
      const totals = newTotals()
      for (const [i, content] of prompts.slice(0, greedy.prompts).entries()) {
        const tree = Object.values(TREES)[i % 3]
        await assertEqualsPlain(
          engine,
          { ...asked(content, draft === 'ngram' && target === 'micro'), maxTokens: greedy.tokens, draft, tree },
          totals,
          `prompt ${i}`,
        )
      }
      console.log(`greedy ${target}+${draft}:`, JSON.stringify(totals))
      assertSpeculated(totals)
    },
  )

  check(
    `coupled with a seed, ${testedFormat}: ${target} with ${draft}, 20 prompts x 128 tokens at 4 settings`,
    async () => {
      const engine = await engineFor(options)
      const totals = newTotals()
      for (const [s, sampling] of samplings.entries()) {
        for (const [i, content] of prompts.slice(0, 20).entries()) {
          const tree = Object.values(TREES)[(i + s) % 3]
          const request = {
            ...asked(content, draft === 'ngram'),
            maxTokens: 128,
            draft,
            tree,
            seed: 1000 + i,
            ...sampling,
          }
          await assertEqualsPlain(engine, request, totals, `prompt ${i}, ${JSON.stringify(sampling)}`)
        }
      }
      console.log(`coupled ${target}+${draft}:`, JSON.stringify(totals))
      assertSpeculated(totals)
    },
  )
}

const usual = isUsual && !skip ? equality : equality.skip
usual(
  'the default, its trees as planned: SmolLM2 on the 40 prompts of the benchmarks, greedy and at T = 0.8',
  async () => {
    const engine = await engineFor({ target: 'smollm2-135m', format: testedFormat, kv: testedKv })
    const totals = newTotals()
    for (const kind of ['chat', 'code', 'summarize'] as const) {
      for (const [i, content] of benchPrompts[kind].entries()) {
        for (const temperature of [0, 0.8])
          await assertEqualsPlain(
            engine,
            { messages: [{ role: 'user', content }], maxTokens: 128, temperature, seed: i },
            totals,
            `${kind} prompt ${i} at ${temperature}`,
          )
      }
    }
    console.log('default, smollm2-135m:', JSON.stringify(totals))
    // How often trees pay depends on the machine and what else it does.
    assertSpeculated(totals, 1.05)
  },
)

usual(
  'answers that run past position 1,024, where attention is kept to more digits: SmolLM2 from a prompt of 991 tokens',
  async () => {
    const engine = await engineFor({ target: 'smollm2-135m', format: testedFormat, kv: testedKv })
    const totals = newTotals()
    const list = Array.from(
      { length: 88 },
      (_, i) => `${i}. The ${['cat', 'dog', 'bird'][i % 3]} sat on the ${['mat', 'roof', 'chair'][(i >> 1) % 3]}.`,
    ).join(' ')
    for (const [i, tree] of Object.values(TREES).entries()) {
      for (const temperature of [0, 0.8]) {
        const request = {
          messages: [{ role: 'user' as const, content: `${list} Continue the list.` }],
          maxTokens: 120,
          ignoreEos: true,
          temperature,
          seed: i,
          tree,
        }
        await assertEqualsPlain(engine, request, totals, `tree ${i} at ${temperature}`)
      }
    }
    console.log('far, smollm2-135m:', JSON.stringify(totals))
    assertSpeculated(totals)
  },
)

equality.run()
