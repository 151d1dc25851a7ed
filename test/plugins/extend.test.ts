// @process own, sources
/** The drafter, verifier and planner of docs/extend.md, as they stand there, brought by options and decoded with. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Core } from '../../src/core/index.js'
import { openEngine } from '../../src/index.js'
import type { Drafter } from '../../src/strategies/drafter.js'
import type { Planner } from '../../src/strategies/planner.js'
import type { Verifier } from '../../src/strategies/verifier.js'
import { readDoc } from '../support/doc-examples.js'
import { assertEqualsPlain, assertSpeculated, collect, newTotals, TREES } from '../support/equality.js'

/** Inside the package, two folders down: the examples' imports are written for there. */
const folder = join(import.meta.dirname, `extend-${process.pid}`)
mkdirSync(folder)

async function written<T>(section: string, name: string): Promise<T> {
  const code = readDoc('docs/extend.md')
    .split(`## ${section}\n`)[1]
    .match(/```ts\n([\s\S]*?)```/)![1]
  assert.ok(code.trimEnd().split('\n').length <= 30, `${section}: at most thirty lines`)
  const file = join(folder, `${name}.ts`)
  writeFileSync(
    file,
    code.replaceAll("'../../src/", "'../../../src/").replaceAll("'../../plugins/", "'../../../plugins/"),
  )
  return ((await import(file)) as Record<string, T>)[name]
}

const drafter = await written<Drafter>('Add a drafter', 'repeating')
const verifier = await written<Verifier>('Add a verifier', 'cautious')
const planner = await written<Planner>('Add a planner', 'chains')
const engine = await openEngine({
  target: 'micro',
  drafters: [drafter],
  verifiers: [verifier],
  planners: [planner],
  planner: 'chains',
})
const own = suite('strategies of a caller')
own.after(async () => {
  await engine.close()
  rmSync(folder, { recursive: true })
})
const PROMPT = '- [ ] one\n'.repeat(6)

own('a drafter brought by options is asked for by name, and its text is plain decoding’s', async () => {
  const totals = newTotals()
  for (const more of [{}, { temperature: 0.8, seed: 4 }]) {
    const tree = TREES.fork.map((_, node) => node - 1)
    await assertEqualsPlain(engine, { prompt: PROMPT, maxTokens: 60, draft: 'repeating', tree, ...more }, totals, 'own')
  }
  assert.ok(totals.drafted > 0 && totals.accepted > 0, JSON.stringify(totals))
})

own('a verifier brought by options verifies the trees of any drafter', async () => {
  const totals = newTotals()
  const messages = [{ role: 'user' as const, content: 'Write a function that adds two numbers.' }]
  const request = { messages, maxTokens: 60, draft: 'model', tree: TREES.binary, verifier: 'cautious' }
  await assertEqualsPlain(engine, request, totals, 'cautious')
  assertSpeculated(totals)
  const { stats } = await collect(engine, request)
  assert.is(stats.acceptedLengths.length <= 4 && stats.acceptedLengths.slice(2).every((count) => count === 0), true)
})

own('a planner brought by options plans for the model draft: a chain where it pays, nothing where not', async () => {
  const context = { acceptance: [Float64Array.of(0.7)], isGreedy: true, maxNodes: 16, maxDepth: 8 }
  const nodesAt = (rowMs: number): number =>
    planner.plan(Core.load(), { ...context, draftMs: () => 1, stepMs: (rows) => 10 + rowMs * rows }).maxNodes
  assert.equal([nodesAt(0.1), nodesAt(100)], [3, 1])
  const totals = newTotals()
  await assertEqualsPlain(engine, { prompt: PROMPT, maxTokens: 80, draft: 'model' }, totals, 'chains')
})

own('names that are taken and entries that lack a function are refused by name', async () => {
  const refusal = (given: object): Promise<unknown> =>
    openEngine({ target: 'micro', ...given }).catch((reason: unknown) => reason)
  assert.match(
    String(await refusal({ verifiers: [{ ...verifier, name: 'coupled' }] })),
    /verifiers\[0\]\.name "coupled" is taken/,
  )
  assert.match(String(await refusal({ verifiers: [{ name: 'x' }] })), /verifiers\[0\]\.verify must be a function/)
  assert.match(String(await refusal({ planners: [{ name: 'x' }] })), /planners\[0\]\.plan must be a function/)
  assert.match(String(await refusal({ planner: 'x' })), /planner must be one of sequoia, dynamic/)
})

own.run()
