// @process native
/**
 * Every sampling feature: tree decoding equals plain decoding token for token, also in a batch with others, and each
 * does what it says.
 */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { verifiers } from '../../plugins/verifiers/index.js'
import type { ChosenLogprob, Engine, GenerateRequest } from '../../src/api/types.js'
import { InvalidArgumentError } from '../../src/index.js'
import { closeEngines, engineFor } from '../support/engines.js'
import { assertEqualsPlain, assertSpeculated, collect, newTotals, TREES } from '../support/equality.js'
import {
  assertEachAsAlone,
  featureCases,
  plainOutcomes,
  samplingFeatures,
  shuffled,
} from '../support/sampling-features.js'

const features = suite('sampling features on the micro pair')
features.after(closeEngines)

const PROMPT = 'Install with npm. Install with npm. Install with'
const micro = (): Promise<Engine> => engineFor({ target: 'micro' })

/** Tokens of the micro model's own text, commonest of which a feature may hit. */
async function commonTokens(): Promise<number[]> {
  const { tokens } = await collect(await micro(), { prompt: PROMPT, maxTokens: 60, temperature: 0.8, seed: 1 })
  return [...new Set(tokens)]
}

features(
  'each feature alone and some in pairs: alone and among four others equal to plain decoding by itself',
  async () => {
    const engine = await micro()
    const { alone, pairs } = await featureCases(engine)
    // Every feature once, greedy or sampled; `npm run acceptance -- features` runs all of both and every pair.
    const cases = shuffled([...alone.filter((_, i) => (i >> 1) % 2 === i % 2), ...shuffled(pairs, 21).slice(0, 12)], 22)
    const plain = await plainOutcomes(engine, cases)
    const totals = newTotals()
    for (const together of [1, 4]) await assertEachAsAlone(engine, cases, plain, together, totals)
    assertSpeculated(totals)
    assert.is(engine.usage().slotsUsed, 0)
  },
)

features('planned trees and the rules that read q decode with every feature at once', async () => {
  const engine = await micro()
  const given = await samplingFeatures(engine)
  const names = [
    'repetition penalty',
    'presence penalty',
    'frequency penalty',
    'logit bias',
    'banned tokens',
    'allowed tokens',
    'minimum length',
    'ignored end',
    'log probabilities',
    'top p',
    'top k',
    'min p',
  ]
  const all: Partial<GenerateRequest> = Object.assign({}, ...names.map((name) => given[name]))
  await assertEqualsPlain(
    engine,
    { prompt: PROMPT, maxTokens: 48, temperature: 0.8, seed: 3, ...all },
    newTotals(),
    'planned',
  )
  for (const verifier of [...verifiers.keys()].filter((name) => name !== 'coupled')) {
    const { tokens } = await collect(engine, {
      prompt: PROMPT,
      maxTokens: 32,
      temperature: 0.8,
      verifier,
      tree: TREES.bush,
      draft: 'model',
      ...all,
    })
    assert.is(tokens.length, 32)
    assert.ok(
      tokens.every((token) => all.allowedTokens!.includes(token) && !all.bannedTokens!.includes(token)),
      verifier,
    )
  }
  assert.is(engine.usage().slotsUsed, 0)
})

features(
  "each greedy token is the best of the target's own logits after bias and penalties, as its log probabilities show",
  async () => {
    const engine = await micro()
    const common = await commonTokens()
    const logitBias: Record<number, number> = { [common[0]]: 2, [common[3]]: -3 }
    const { tokens, logprobs } = await withLogprobs(engine, {
      prompt: PROMPT,
      maxTokens: 40,
      logprobs: 20,
      presencePenalty: 1,
      frequencyPenalty: 0.4,
      logitBias,
      draft: 'model',
      tree: TREES.bush,
    })
    let changed = 0
    tokens.forEach((token, i) => {
      const before = tokens.slice(0, i)
      const scored = logprobs[i].top.map((one) => {
        const count = before.filter((other) => other === one.token).length
        return {
          token: one.token,
          score: one.logprob + (logitBias[one.token] ?? 0) - (count > 0 ? 1 : 0) - 0.4 * count,
        }
      })
      scored.sort((a, b) => b.score - a.score)
      assert.is(token, scored[0].token)
      if (token !== logprobs[i].top[0].token) changed += 1
    })
    assert.ok(changed > 3, 'penalties and bias must have changed some choice')
  },
)

features(
  'log probabilities are the same with and without trees, sum to at most one, and fit the chosen token',
  async () => {
    const engine = await micro()
    const request: GenerateRequest = {
      prompt: PROMPT,
      maxTokens: 24,
      temperature: 1,
      seed: 9,
      logprobs: 5,
      repetitionPenalty: 1.1,
    }
    const plain = await withLogprobs(engine, { ...request, draft: 'none' })
    const tree = await withLogprobs(engine, { ...request, draft: 'model', tree: TREES.bush })
    assert.equal(tree.logprobs, plain.logprobs)
    assert.is(tree.logprobs.length, tree.tokens.length)
    tree.logprobs.forEach((entry, i) => {
      assert.is(entry.token, tree.tokens[i])
      assert.is(entry.top.length, 5)
      assert.ok(entry.top.every((one, rank) => rank === 0 || one.logprob <= entry.top[rank - 1].logprob))
      assert.ok(entry.top.reduce((sum, one) => sum + Math.exp(one.logprob), 0) <= 1 + 1e-6)
      const listed = entry.top.find((one) => one.token === entry.token)
      if (listed) assert.is(listed.logprob, entry.logprob)
      else assert.ok(entry.logprob <= entry.top[4].logprob)
    })
    const none = await withLogprobs(engine, { ...request, logprobs: 0 })
    assert.ok(none.logprobs.every((entry, i) => entry.top.length === 0 && entry.logprob === plain.logprobs[i].logprob))
  },
)

features(
  'stop tokens end an answer without text; a minimum length keeps stop tokens and stop strings away',
  async () => {
    const engine = await micro()
    const whole = await collect(engine, { prompt: PROMPT, maxTokens: 40 })
    const stopTokenIds = [whole.tokens[10]]
    const end = whole.tokens.indexOf(stopTokenIds[0])
    const stopped = await collect(engine, { prompt: PROMPT, maxTokens: 40, stopTokenIds })
    assert.equal(stopped.tokens, whole.tokens.slice(0, end + 1))
    assert.is(stopped.text, (await collect(engine, { prompt: PROMPT, maxTokens: end })).text)
    const later = await collect(engine, { prompt: PROMPT, maxTokens: 40, stopTokenIds, minTokens: 25 })
    assert.ok(later.tokens.length >= 25)
    assert.not.ok(later.tokens.slice(0, 25).includes(stopTokenIds[0]))
    const text = whole.text.slice(2, 5)
    assert.ok((await collect(engine, { prompt: PROMPT, maxTokens: 40, stop: [text] })).tokens.length < 25)
    assert.ok(
      (await collect(engine, { prompt: PROMPT, maxTokens: 40, stop: [text], minTokens: 25 })).tokens.length >= 25,
    )
  },
)

features('ignoring the end of text goes on to the last token asked for', async () => {
  const engine = await micro()
  for (let seed = 0; seed < 4; seed++) {
    const { tokens } = await collect(engine, {
      prompt: PROMPT,
      maxTokens: 120,
      temperature: 1.3,
      seed,
      ignoreEos: true,
    })
    assert.is(tokens.length, 120)
  }
})

features('each choice has draws of its own, whatever the tree', async () => {
  const engine = await micro()
  const request: GenerateRequest = { prompt: PROMPT, maxTokens: 24, temperature: 1, seed: 4 }
  const texts = new Set<string>()
  for (let choice = 0; choice < 4; choice++) {
    const totals = newTotals()
    await assertEqualsPlain(
      engine,
      { ...request, choice, draft: 'model', tree: TREES.binary },
      totals,
      `choice ${choice}`,
    )
    texts.add((await collect(engine, { ...request, choice })).text)
  }
  assert.is(texts.size, 4)
  assert.ok(texts.has((await collect(engine, request)).text))
})

features('echo sends the prompt ahead, as text, and not as tokens', async () => {
  const engine = await micro()
  const plain = await collect(engine, { prompt: PROMPT, maxTokens: 8 })
  const echoed = await collect(engine, { prompt: PROMPT, maxTokens: 8, echo: true })
  assert.is(echoed.text, PROMPT + plain.text)
  assert.equal(echoed.tokens, plain.tokens)
  assert.is(
    (await collect(engine, { promptTokens: await engine.encode({ prompt: PROMPT }), maxTokens: 8, echo: true })).text,
    PROMPT + plain.text,
  )
})

features('masks that leave nothing end the request by name and free what it held', async () => {
  const engine = await micro()
  const bannedTokens = Array.from({ length: engine.info.vocabSize }, (_, token) => token)
  try {
    await collect(engine, { prompt: PROMPT, bannedTokens })
    assert.unreachable()
  } catch (error) {
    assert.is((error as InvalidArgumentError).param, 'bannedTokens')
  }
  assert.is(engine.usage().slotsUsed, 0)
})

async function withLogprobs(
  engine: Engine,
  request: GenerateRequest,
): Promise<{ tokens: number[]; logprobs: ChosenLogprob[] }> {
  const tokens: number[] = []
  const logprobs: ChosenLogprob[] = []
  for await (const part of engine.generate(request)) {
    tokens.push(...part.tokens)
    logprobs.push(...(part.logprobs ?? []))
  }
  return { tokens, logprobs }
}

features.run()
