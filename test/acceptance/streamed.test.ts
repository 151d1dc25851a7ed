/**
 * SmolLM2 in 120 MB: the tokens of the model in memory, by four requests at a time, and never more memory than the
 * budget allows beyond the idle process.
 */
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { finished } from '../support/cli.js'
import { closeEngines, engineFor, haveSmolLM2 } from '../support/engines.js'
import { collect } from '../support/equality.js'
import type { StreamedOutcome, StreamedRun } from '../support/streamed-child.js'
import { nodeArgs } from '../support/program.js'

const CHILD = nodeArgs(import.meta.resolve('../support/streamed-child.js'))
const MAX_TOKENS = 32
const prompts = (
  JSON.parse(readFileSync(new URL('../fixtures/prompts.json', import.meta.url), 'utf8')) as string[]
).slice(0, 8)

const streamed = suite('streamed')
streamed.after(closeEngines)
const check = haveSmolLM2 && process.platform === 'linux' ? streamed : streamed.skip

async function run(given: StreamedRun): Promise<StreamedOutcome> {
  const { code, out, err } = await finished(
    spawn(process.execPath, [...CHILD, JSON.stringify(given)], { stdio: ['ignore', 'pipe', 'pipe'] }),
  )
  assert.is(code, 0, err)
  return JSON.parse(out) as StreamedOutcome
}

check(
  `${prompts.length} prompts x ${MAX_TOKENS} tokens, four at a time: tokens equal, memory within the budget, ` +
    'some layers resident and some not',
  async () => {
    const resident = await engineFor({ target: 'smollm2-135m' })
    const expected: number[][] = []
    for (const content of prompts) {
      expected.push(
        (await collect(resident, { messages: [{ role: 'user', content }], maxTokens: MAX_TOKENS, draft: 'none' }))
          .tokens,
      )
    }
    const given = { target: 'smollm2-135m', memory: '120MB', prompts, maxTokens: MAX_TOKENS }
    // The first run measures passes, which the second finds measured.
    for (const start of ['first', 'second']) {
      const { streamed: plan, answers, peakBytes, mostRunning } = await run(given)
      const allowed = plan.idleBytes + plan.budgetBytes
      console.log(
        `${start}: peak ${(peakBytes / 1e6).toFixed(1)} MB of ${(allowed / 1e6).toFixed(1)} allowed; ` +
          `${plan.residentLayers} of ${plan.layers} layers resident, trees of up to ${plan.maxNodes} nodes, ` +
          `${mostRunning} requests at a time`,
      )
      assert.equal(answers, expected)
      assert.ok(peakBytes <= allowed, 'more memory than the budget allows')
      assert.ok(plan.residentLayers > 0 && plan.bytesPerPass > 0)
      assert.ok(mostRunning > 1, 'requests should share passes')
    }
  },
)

streamed.run()
