// @process native
/** A PARD draft's folder, opened: its q's are PyTorch's, and texts by it are plain decoding's. */
import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { parallelDrafter } from '../../../plugins/drafters/parallel.js'
import { Core } from '../../../src/core/index.js'
import { openCheckpoint } from '../../../src/import/open-checkpoint.js'
import { openModel, openRunner } from '../../../src/open/open-model.js'
import { checkOptions } from '../../../src/open/check-options.js'
import { runTogether } from '../../../src/passes/run-together.js'
import { closeEngines, engineFor } from '../../support/engines.js'
import { assertEqualsPlain, assertSpeculated, newTotals, TREES } from '../../support/equality.js'
import { tempFolder } from '../../support/temp-folder.js'

const pard = suite('PARD drafts')
pard.after(closeEngines)

const cacheDir = tempFolder()
const fixtures = fileURLToPath(new URL('../../fixtures/', import.meta.url))
const target = join(fixtures, 'families/smollm3')
const reference = JSON.parse(readFileSync(join(fixtures, 'pard/reference.json'), 'utf8')) as {
  standIn: number
  prompt: number[]
  /** float32 [levels, vocab] as base64. */
  logits: string
}

/** The target itself, with more in its configuration. */
function folder(name: string, keys: Record<string, unknown>): string {
  const path = join(cacheDir, name)
  cpSync(target, path, { recursive: true })
  const config = JSON.parse(readFileSync(join(path, 'config.json'), 'utf8')) as object
  writeFileSync(join(path, 'config.json'), JSON.stringify({ ...config, ...keys }))
  return path
}

const draft = folder('draft', { pard_token: reference.standIn })

pard('the q of every level is PyTorch’s', async () => {
  const options = checkOptions({ target: draft, format: 'fp32', cacheDir, threads: 1 })
  const model = await openModel(draft, options)
  assert.is(model.manifest.standIn, reference.standIn)
  const core = Core.load()
  const runner = await openRunner(core, model, { maxSlots: 64, maxLogitRows: 8 }, options)
  const drafter = parallelDrafter({ runner, passMs: () => 1, drawMs: () => 0 }, reference.standIn)
  const sampling = { temperature: 0, topK: 0, topP: 1, minP: 0 }
  const session = drafter.begin({ sampling, key: { seed: 1n, choice: 0 }, draws: 'coupled' })
  const shape = { parents: Int32Array.of(-1, 0, 1, 2, 3) }
  const plan = { shape, maxNodes: 8, maxDepth: 4, maxQRows: 8, among: 1, stepMs: () => 1 }
  await session.prepare(reference.prompt)
  const [tree] = await runTogether([session.draft(reference.prompt, plan)])
  const expected = new Float32Array(new Uint8Array(Buffer.from(reference.logits, 'base64')).buffer)
  const found = core.f32(runner.logitsAt(tree.q!.rows[0]), expected.length)
  const worst = expected.reduce((most, value, i) => Math.max(most, Math.abs(value - found[i])), 0)
  assert.ok(worst < 1e-4, `differs by ${worst}`)
  session.release()
  await drafter.dispose()
})

pard('texts are plain decoding’s: greedy, with a seed, and by q', async () => {
  const engine = await engineFor({ target, draft, cacheDir, threads: 1 })
  const totals = newTotals()
  const ways = [{}, { temperature: 0.7, seed: 5 }, { temperature: 1.1, seed: 6 }, { verifier: 'sequoia' as const }]
  for (const way of ways)
    for (const [i, prompt] of ['The quick brown', 'one two three'].entries()) {
      const tree = Object.values(TREES)[i]
      const request = { prompt, maxTokens: 36, ignoreEos: true, draft: 'model', tree, ...way }
      await assertEqualsPlain(engine, request, totals, `${prompt} ${JSON.stringify(way)}`)
    }
  assertSpeculated(totals)
  assert.is(engine.usage().slotsUsed, 0)
})

pard('tokens that are none, and drafts that read layers of a target, are refused by their keys', async () => {
  const refusal = async (keys: Record<string, unknown>): Promise<string> => {
    const path = folder(`refused${Object.values(keys).join()}`, keys)
    const error: unknown = await openCheckpoint(path).catch((reason: unknown) => reason)
    return (error as Error).message
  }
  assert.match(await refusal({ pard_token: 264 }), /has 264 as "pard_token"; expected a token below 264/)
  assert.match(await refusal({ pard_token: 'x' }), /has "x" as "pard_token"/)
  assert.match(await refusal({ pard2_target_layers: [1] }), /"pard2_target_layers"/)
})

pard.run()
