// @process native
import { symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { run } from '../../src/cli/dispatch.js'
import { compareDrafts } from '../../src/cli/tune-drafts.js'
import type { Tuning } from '../../src/api/types.js'
import { cacheFolder } from '../../src/common/cache-folder.js'
import { printed } from '../support/console.js'
import { closeEngines, engineFor } from '../support/engines.js'
import { tempFolder } from '../support/temp-folder.js'

const tune = suite('sequoia tune')
tune.after(closeEngines)
const cli = (args: readonly string[]) => printed(() => run(args))

/** The same, and what was told on standard error while it ran. */
async function told(args: readonly string[]): Promise<Awaited<ReturnType<typeof cli>> & { progress: string }> {
  const { stderr } = process
  const { write, isTTY } = stderr
  let progress = ''
  Object.assign(stderr, { isTTY: false, write: (text: string) => (progress += text) !== '' })
  try {
    const { code, out, err } = await cli(args)
    return { code, out, err, progress }
  } finally {
    Object.assign(stderr, { write, isTTY })
  }
}

tune('prints tables, plans and what decoding measured as JSON', async () => {
  const { code, out, progress } = await told(['tune', '--model', 'micro', '--context', '128', '--json'])
  assert.equal([code, progress], [0, ''])
  const tuning = JSON.parse(out) as Tuning & {
    model: string
    measured: { plain: number; tree: number | null; predicted: { plain: number } }
  }
  assert.equal([tuning.model, tuning.context], ['micro', 128])
  for (const table of [tuning.target, tuning.draft!]) {
    assert.is(table.ms.length, table.rows.length)
    for (const [i, row] of table.ms.entries()) {
      assert.is(row.length, table.contexts.length)
      assert.ok(
        row.every((ms, j) => ms > 0 && (j === 0 || ms >= row[j - 1])),
        `row ${i}: ${row.join(' ')}`,
      )
    }
  }
  assert.ok(
    tuning.acceptance.greedy[0][0] > 0.5 &&
      tuning.plainTokensPerSecond > 0 &&
      tuning.measured.plain > 0 &&
      tuning.measured.predicted.plain > 0,
  )
  const { nodes, parents, msPerToken, tokensPerSecond } = tuning.plan.greedy
  assert.is(parents.length, nodes)
  assert.ok(Math.abs(msPerToken * tokensPerSecond - 1000) < 1e-6)
  assert.ok(tokensPerSecond >= tuning.plainTokensPerSecond * 0.999, 'a plan is never slower than plain decoding')
  assert.is(tuning.measured.tree === null, nodes === 1)
})

tune("a tree that is given is told by the same times and chances as the planner's own", async () => {
  const engine = await engineFor({ target: 'micro' })
  const { parents, msPerStep, msPerToken } = engine.tuning(200).plan.greedy
  const given = engine.tuning(200, parents).plan.greedy
  assert.equal(given.parents, parents)
  assert.ok(
    Math.abs(given.msPerStep - msPerStep) < 1e-9 && Math.abs(given.msPerToken - msPerToken) < 1e-9,
    JSON.stringify([given, msPerStep, msPerToken]),
  )
  const chain = engine.tuning(200, [-1, 0]).plan.greedy
  assert.ok(Math.abs(chain.msPerStep / chain.msPerToken - 1 - engine.tuning().acceptance.greedy[0][0]) < 1e-9)
})

tune('says the same for people in tables, tells what it does, and refuses a context of nothing', async () => {
  const { out, progress } = await told(['tune', '--model', 'micro'])
  assert.match(out, /^micro \(w8a8, .*\), guesses by .*\n\nMilliseconds of a pass.*\n +rows +128 .*\ntarget +1 /)
  assert.match(out, /\nplain +[\d.]+ +[\d.]+ +1\.00 /)
  assert.match(progress, /^timing passes of the model, 1 to \d+ rows\ntiming passes of the draft, 1 to \d+ rows\n/m)
  assert.match(progress, /^decoding.*: 13 of 13 prompts\n/m)
  const refused = await cli(['tune', '--model', 'micro', '--context', '0'])
  assert.is(refused.code, 2)
  assert.match(refused.err, /--context/)
})

tune('drafts are decoded with and compared, and the best is what "auto" then opens', async () => {
  // What is remembered goes to a cache of its own, as other suites open this pair, too; imports and times are shared.
  const cacheDir = tempFolder()
  for (const folder of ['imported', 'profiles', 'checks'])
    symlinkSync(join(cacheFolder(), folder), join(cacheDir, folder))
  const options = { target: 'micro', cacheDir }
  const { drafts, why } = await compareDrafts(options, ['all'], () => undefined, 1)
  assert.equal(
    drafts.map(({ draft }) => draft),
    ['none', 'ngram', 'draft', 'draft + ngram'],
  )
  const [none, , model] = drafts
  assert.equal([none.ratio, none.greedy.tokensPerStep, none.sampled.tokensPerStep], [1, 1, 1])
  assert.ok(model.greedy.tokensPerStep >= 1 && model.greedy.msPerToken > 0 && model.ratio > 0)
  const [best, ...others] = drafts.filter(({ isChosen }) => isChosen)
  assert.is(others.length, 0)
  const { info } = await engineFor(options)
  assert.equal([info.draft, info.draftReason], [best.draft, why])
})

tune('compares drafts in one format, and refuses one that is not there', async () => {
  const formats = await cli(['tune', '--model', 'micro', '--draft', 'all', '--format', 'w8a8,fp32'])
  assert.is(formats.code, 2)
  assert.match(formats.err, /drafts are compared in one format/)
  const { code, err } = await cli(['tune', '--model', 'micro', '--draft', 'none,nowhere.gguf'])
  assert.is(code, 2)
  assert.match(err, /there is no model "nowhere\.gguf"/)
})

tune.run()
