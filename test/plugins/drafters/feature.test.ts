// @process native
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { ModelError, openEngine } from '../../../src/index.js'
import type { Engine } from '../../../src/api/types.js'
import { echoDraftFile } from '../../support/echo-draft.js'
import { closeEngines, engineFor } from '../../support/engines.js'
import { assertEqualsPlain, collect, newTotals, TREES } from '../../support/equality.js'
import type { GgufFile } from '../../support/gguf-file.js'
import { tempFolder } from '../../support/temp-folder.js'

const drafts = suite('a draft that reads features')
drafts.after(closeEngines)

const root = tempFolder()
let files = 0

async function draftFile(spoil?: (file: GgufFile) => void): Promise<string> {
  const path = join(root, `draft-${files++}.gguf`)
  writeFileSync(path, await echoDraftFile(spoil))
  return path
}

const draft = await draftFile()
const open = (): Promise<Engine> => engineFor({ target: 'micro', draft })
const PROMPTS = [
  '- [ ] one\n- [ ] two\n- [ ]',
  '|---|---|---|\n| 1 | 1 | 1 |\n|',
  '// ======================\n// ',
  'a',
]

drafts('trees and plain decoding give the same tokens, greedy and with a seed', async () => {
  const engine = await open()
  const totals = newTotals()
  for (const sampling of [{}, { temperature: 0.8, seed: 5 }, { temperature: 1.3, topP: 0.9, seed: 6 }]) {
    for (const [name, tree] of Object.entries(TREES)) {
      for (const prompt of PROMPTS)
        await assertEqualsPlain(
          engine,
          { prompt, maxTokens: 30, draft: 'model', tree, ...sampling },
          totals,
          `${name} ${prompt}`,
        )
    }
  }
  assert.ok(totals.accepted > 50 && totals.accepted < totals.drafted, JSON.stringify(totals))
  assert.is(engine.usage().slotsUsed, 0)
})

drafts('a text that was decoded plainly for a while can be drafted on: nothing of its features is lost', async () => {
  const engine = await open()
  const request = { prompt: PROMPTS[1], maxTokens: 300 }
  const plain = await collect(engine, { ...request, draft: 'none' })
  const planned = await collect(engine, { ...request, draft: 'model' })
  assert.equal(planned.tokens, plain.tokens)
})

drafts('one token is a prompt like any other', async () => {
  const engine = await open()
  const totals = newTotals()
  await assertEqualsPlain(
    engine,
    { promptTokens: [17], maxTokens: 20, draft: 'model', tree: TREES.fork },
    totals,
    'one token',
  )
})

const refused: Record<string, { spoil(file: GgufFile): void; message: RegExp }> = {
  'another target': {
    spoil: ({ metadata }) => (metadata['sequoia-draft.target.norm_sha256'] = 'f'.repeat(64)),
    message: /was trained for sequoia-micro-target and reads its features; "target" is another model/,
  },
  'a missing tensor': {
    spoil: (file) => (file.tensors = file.tensors.filter(({ name }) => name !== 'fc.weight')),
    message: /has nothing as tensor fc\.weight; expected \[256, 512\]/,
  },
  'tokens out of order': {
    spoil: ({ metadata }) => ((metadata['sequoia-draft.tokens'] as number[])[3] = 2),
    message: /lists token 2 at place 3 of its vocabulary; expected ascending ids below 4096/,
  },
  'levels that do not divide its acceptance': {
    spoil: ({ metadata }) => (metadata['sequoia-draft.acceptance.levels'] = 3),
    message: /holds no probabilities of 3 levels as "sequoia-draft\.acceptance\.greedy"/,
  },
  'no acceptance': {
    spoil: ({ metadata }) => delete metadata['sequoia-draft.acceptance.greedy'],
    message: /lacks the metadata "sequoia-draft\.acceptance\.greedy"/,
  },
}
for (const [name, { spoil, message }] of Object.entries(refused)) {
  drafts(`a draft with ${name} is refused with the reason`, async () => {
    const error: unknown = await openEngine({ target: 'micro', draft: await draftFile(spoil) }).catch(
      (reason: unknown) => reason,
    )
    assert.instance(error, ModelError)
    assert.match((error as ModelError).message, message, (error as ModelError).message)
  })
}

drafts("features are an imported W8A8 target's: fp32 is refused by name", async () => {
  const error: unknown = await openEngine({ target: 'micro', draft, format: 'fp32' }).catch((reason: unknown) => reason)
  assert.match(
    (error as Error).message,
    /draft ".*" reads features of the target in format fp16 or w8a8 or q4; this engine opens it in fp32/,
  )
})

drafts.run()
