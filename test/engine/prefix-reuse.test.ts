// @process native
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Engine, GenerateRequest } from '../../src/api/types.js'
import { echoDraftFile } from '../support/echo-draft.js'
import { closeEngines, engineFor } from '../support/engines.js'
import { collect, TREES } from '../support/equality.js'
import { passesOf } from '../support/passes.js'
import { tempFolder } from '../support/temp-folder.js'

const reuse = suite('prompts that begin like earlier texts')
reuse.after(closeEngines)

const draft = join(tempFolder(), 'draft.gguf')
writeFileSync(draft, await echoDraftFile())
const SYSTEM = 'You are a careful assistant. Answer in short sentences and name your sources.\n'.repeat(5)

const engines: Record<string, () => Promise<Engine>> = {
  'the model draft': () => engineFor({ target: 'micro' }),
  'a draft that reads features': () => engineFor({ target: 'micro', draft }),
}
for (const [name, open] of Object.entries(engines)) {
  reuse(`with ${name}: the same bits, less reading`, async () => {
    const engine = await open()
    const fresh = await engineFor({ target: 'micro', prefixCacheBytes: 0 })
    for (const more of [
      { draft: 'none' },
      { draft: 'model', tree: TREES.fork },
      { draft: 'model', tree: TREES.bush, temperature: 0.9, seed: 4 },
    ] as Partial<GenerateRequest>[]) {
      for (const [i, question] of ['What is npm?', 'What is a lockfile?', 'What is npm? Again, please.'].entries()) {
        const request = { prompt: `${SYSTEM}${question}`, maxTokens: 30, ...more }
        const { tokens, stats } = await collect(engine, request)
        const plain = await collect(fresh, { ...request, draft: 'none', tree: undefined })
        assert.equal(tokens, plain.tokens, question)
        assert.is(plain.stats.cachedTokens, 0)
        if (i > 0)
          assert.ok(
            stats.cachedTokens >= 0.7 * stats.promptTokens && stats.cachedTokens % 16 === 0,
            `${stats.cachedTokens} of ${stats.promptTokens}`,
          )
      }
    }
    assert.is(engine.usage().slotsUsed, 0)
  })
}

for (const [name, open] of Object.entries(engines)) {
  reuse(`with ${name}: what the draft has read it does not read again, nor draft otherwise for it`, async () => {
    const engine = await open()
    const fresh = await engineFor({
      target: 'micro',
      prefixCacheBytes: 0,
      ...(name === 'the model draft' ? {} : { draft }),
    })
    const ask = (of: Engine, question: string): ReturnType<typeof collect> =>
      collect(of, {
        prompt: `Once more. ${SYSTEM}${question}`,
        maxTokens: 40,
        ignoreEos: true,
        draft: 'model',
        tree: TREES.bush,
      })
    await ask(engine, 'Why?')
    const rows: number[] = []
    const accepted: number[] = []
    for (const one of [engine, fresh]) {
      const passes = await passesOf(async () => accepted.push((await ask(one, 'And how?')).stats.accepted))
      rows.push(passes.reduce((sum, pass) => sum + (pass.isDraft ? pass.rows : 0), 0))
    }
    const { promptTokens } = (await ask(fresh, 'And how?')).stats
    assert.is(accepted[0], accepted[1])
    assert.ok(
      accepted[0] > 0 && rows[1] - rows[0] >= 0.8 * promptTokens,
      `${rows.join(' and ')} rows for a prompt of ${promptTokens}`,
    )
  })
}

reuse('a second turn reads what is new only: the first answer is known', async () => {
  const engine = await engineFor({ target: 'micro' })
  const first = [{ role: 'user' as const, content: `${SYSTEM}What is npm?` }]
  const { text, stats } = await collect(engine, { messages: first, maxTokens: 60 })
  const second = await collect(engine, {
    messages: [...first, { role: 'assistant', content: text }, { role: 'user', content: 'And yarn?' }],
    maxTokens: 10,
  })
  assert.ok(
    second.stats.cachedTokens > stats.promptTokens,
    `${second.stats.cachedTokens} cached, the first prompt had ${stats.promptTokens}`,
  )
})

reuse('several at once may share what they begin with', async () => {
  const engine = await engineFor({ target: 'micro' })
  const fresh = await engineFor({ target: 'micro', prefixCacheBytes: 0 })
  const requests = Array.from({ length: 6 }, (_, i) => ({
    prompt: `${SYSTEM}Question ${i}:`,
    maxTokens: 30,
    seed: i,
    temperature: 0.8,
  }))
  const together = await Promise.all(requests.map((request) => collect(engine, request)))
  for (const [i, request] of requests.entries())
    assert.equal(together[i].tokens, (await collect(fresh, request)).tokens)
})

reuse.run()
