/**
 * In fp32 tree decoding equals plain decoding up to ties: float sums depend on how rows are batched, by about 1e-5.
 * Where the texts part, the two tokens' logits after the common text must be that close; each such place is printed
 * with its gap.
 */
import { extend } from '../../src/passes/appending.js'
import { readFileSync } from 'node:fs'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Core } from '../../src/core/index.js'
import { openModel, openRunner } from '../../src/open/open-model.js'
import { checkOptions } from '../../src/open/check-options.js'
import { closeEngines, engineFor, haveSmolLM2 } from '../support/engines.js'
import { addRun, assertSpeculated, collect, newTotals, TREES } from '../support/equality.js'

/** Largest gap between two logits that counts as a tie: thirty times what batching was seen to change. */
const TIE = 1e-3
const prompts: string[] = JSON.parse(readFileSync(new URL('../fixtures/prompts.json', import.meta.url), 'utf8'))
const ties = suite('fp32 up to ties')
ties.after(closeEngines)

/** Difference between two tokens' logits after a text. */
async function gapAfter(target: string, tokens: readonly number[], a: number, b: number): Promise<number> {
  const options = checkOptions({ target, format: 'fp32' })
  const model = await openModel(target, options)
  const runner = await openRunner(Core.load(), model, { maxSlots: tokens.length + 1, maxLogitRows: 1 }, options)
  const cache = runner.memory.open()
  await extend(runner, cache, tokens, true)
  const logits = runner.core.f32(runner.logitsAt(0), runner.vocab)
  const gap = Math.abs(logits[a] - logits[b])
  await runner.dispose()
  return gap
}

for (const { target, draft, count, skip } of [
  { target: 'smollm2-135m', draft: 'ngram', count: 50, skip: !haveSmolLM2 },
  { target: 'micro', draft: 'model', count: 50, skip: false },
]) {
  const check = skip ? ties.skip : ties
  check(`${target} with ${draft}: ${count} prompts x 256 tokens, greedy`, async () => {
    const engine = await engineFor({ target, format: 'fp32' })
    const totals = newTotals()
    let parted = 0
    for (const [i, content] of prompts.slice(0, count).entries()) {
      const request = {
        messages: [{ role: 'user', content }],
        maxTokens: 256,
        draft,
        tree: Object.values(TREES)[i % 3],
      }
      const plain = await collect(engine, { ...request, draft: 'none', tree: undefined })
      const tree = await collect(engine, request)
      addRun(totals, tree.stats)
      const at = plain.tokens.findIndex((token, place) => token !== tree.tokens[place])
      if (at < 0) continue
      parted += 1
      const prompt = await engine.encode({ messages: request.messages })
      const gap = await gapAfter(target, [...prompt, ...plain.tokens.slice(0, at)], plain.tokens[at], tree.tokens[at])
      console.log(`${target} prompt ${i}: parts at token ${at}, gap ${gap.toExponential(2)}`)
      assert.ok(gap < TIE, `the texts part at token ${at} where the logits differ by ${gap}`)
    }
    console.log(`fp32 ${target}: ${parted} of ${count} texts part, all at ties; ${JSON.stringify(totals)}`)
    assertSpeculated(totals)
  })
}

ties.run()
