/**
 * SmolLM2 with its trained draft draws from the target's own distribution, through the whole engine and its shared
 * passes: the joint of two tokens after fixed prefixes at T=0.8, against the softmax of logits computed apart from it.
 * Each G-test has a false-alarm rate of 1e-4 (6 tests: under one in a thousand for the file); seeds are fixed. The same
 * counts must fail against the distribution of another temperature.
 */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Engine, VerifierName } from '../../src/api/types.js'
import type { Forward } from '../../src/runtime/forward.js'
import { fixSeed } from '../support/batched-draws.js'
import { decodeArranged } from '../support/bits.js'
import { closeEngines, engineFor, haveSmolLM2 } from '../support/engines.js'
import { addRun, assertSpeculated, newTotals, TREES, type Totals } from '../support/equality.js'
import { openSmolLM2 } from '../support/smollm2-models.js'
import { chiSquareQuantile, gTest, pairLaw, Z } from '../support/statistics.js'

const DRAWS = 4000
const AT_ONCE = 16
const TEMPERATURE = 0.8
const OTHER_TEMPERATURE = 0.9
/** Prompt and the beginning of its answer. */
const PREFIXES = [
  ['Name three rivers.', 'Three'],
  ['Why is the sky blue?', 'The sky is'],
  ['Write a function that adds two numbers in Python.', 'def add('],
]

const draws = suite('draws of SmolLM2 with its trained draft')
const check = haveSmolLM2 ? draws : draws.skip
draws.after(closeEngines)

async function prefixOf(engine: Engine, [content, begun]: string[]): Promise<number[]> {
  return [
    ...(await engine.encode({ messages: [{ role: 'user', content }] })),
    ...(await engine.encode({ prompt: begun })),
  ]
}

/** How often each pair of tokens came, as first * vocab + second. */
async function drawn(
  engine: Engine,
  promptTokens: number[],
  verifier: VerifierName,
  totals: Totals,
): Promise<Map<number, number>> {
  const pairs = new Map<number, number>()
  let next = 0
  const worker = async (): Promise<void> => {
    while (next < DRAWS) {
      const tokens: number[] = []
      for await (const part of engine.generate({
        promptTokens,
        maxTokens: 2,
        temperature: TEMPERATURE,
        choice: next++,
        draft: 'model',
        verifier,
        tree: TREES.fork,
        ignoreEos: true,
      })) {
        tokens.push(...part.tokens)
        if (part.stats) addRun(totals, part.stats)
      }
      const cell = tokens[0] * engine.info.vocabSize + tokens[1]
      pairs.set(cell, (pairs.get(cell) ?? 0) + 1)
    }
  }
  // Not every rule takes a seed: the noise of choice n is the same in every run.
  const restore = fixSeed()
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
  restore()
  return pairs
}

/** The target's logits after these tokens. */
function logitsAfter(forward: Forward, tokens: readonly number[]): Promise<Float32Array> {
  return decodeArranged(forward, tokens, { chunk: () => tokens.length, from: tokens.length - 1 })
}

async function expectedPairs(
  forward: Forward,
  prefix: readonly number[],
  temperature: number,
): Promise<Map<number, number>> {
  return pairLaw(
    await logitsAfter(forward, prefix),
    (first) => logitsAfter(forward, [...prefix, first]),
    { temperature, topP: 1 },
    DRAWS,
  )
}

for (const verifier of ['coupled', 'sequoia'] as const) {
  check(`${verifier}: ${DRAWS} seeds after each of ${PREFIXES.length} prefixes`, async () => {
    const engine = await engineFor({ target: 'smollm2-135m', maxBatch: AT_ONCE, maxQueue: AT_ONCE })
    const forward = await openSmolLM2('w8a8', { slots: 512 })
    const totals = newTotals()
    for (const prefix of PREFIXES) {
      const tokens = await prefixOf(engine, prefix)
      const observed = await drawn(engine, tokens, verifier, totals)
      const { g, df } = gTest(observed, await expectedPairs(forward, tokens, TEMPERATURE), DRAWS)
      const other = gTest(observed, await expectedPairs(forward, tokens, OTHER_TEMPERATURE), DRAWS)
      const limit = chiSquareQuantile(df, Z)
      console.log(
        `${verifier}, "${prefix[1]}": G = ${g.toFixed(1)}, df ${df}, limit ${limit.toFixed(1)}; against ` +
          `T=${OTHER_TEMPERATURE} G = ${other.g.toFixed(1)}`,
      )
      assert.ok(df > 5 && g < limit, `${prefix[1]}: G = ${g}, limit ${limit} at ${df} degrees of freedom`)
      assert.ok(
        other.g > chiSquareQuantile(other.df, Z),
        `${prefix[1]}: the test cannot tell T=${TEMPERATURE} from T=${OTHER_TEMPERATURE}`,
      )
    }
    await forward.dispose()
    console.log(`${verifier}: ${JSON.stringify(totals)}`)
    assertSpeculated(totals)
  })
}

draws.run()
