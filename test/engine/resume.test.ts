// @process native
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Engine, GeneratePart, GenerateRequest } from '../../src/api/types.js'
import { closeEngines, engineFor } from '../support/engines.js'

const resuming = suite('an answer that goes on behind tokens made elsewhere')
resuming.after(closeEngines)

const micro = (): Promise<Engine> => engineFor({ target: 'micro' })

async function partsOf(engine: Engine, request: GenerateRequest): Promise<GeneratePart[]> {
  const parts: GeneratePart[] = []
  for await (const part of engine.generate(request)) parts.push(part)
  return parts
}

/** The answer whole, and cut behind every `every`th part and gone on with. */
async function assertGoesOn(request: GenerateRequest, every = 3): Promise<void> {
  const engine = await micro()
  const whole = await partsOf(engine, request)
  assert.ok(whole.length > 4)
  for (let cut = 1; cut < whole.length; cut += every) {
    const before = whole.slice(0, cut)
    const resume = before.flatMap(({ tokens }) => tokens)
    const after = await partsOf(engine, { ...request, resume })
    assert.equal(
      [...resume, ...after.flatMap(({ tokens }) => tokens)],
      whole.flatMap(({ tokens }) => tokens),
    )
    const joined = (parts: readonly GeneratePart[]): string => parts.map(({ text }) => text).join('')
    assert.is(joined(before) + joined(after), joined(whole))
    assert.is(after.at(-1)!.finishReason, whole.at(-1)!.finishReason)
    assert.is(after.at(-1)!.stats!.tokens, whole.at(-1)!.stats!.tokens)
  }
  const { slotsUsed, running } = engine.usage()
  assert.equal({ slotsUsed, running }, { slotsUsed: 0, running: 0 })
}

resuming('has the tokens, the text and the end of one that was never cut: greedy', () =>
  assertGoesOn({ prompt: 'This package is', maxTokens: 40, temperature: 0 }),
)

resuming('likewise by a seed, with penalties and a stop text', () =>
  assertGoesOn({
    prompt: 'This package is',
    maxTokens: 60,
    temperature: 0.9,
    seed: 5,
    presencePenalty: 0.5,
    frequencyPenalty: 0.5,
    repetitionPenalty: 1.2,
    minTokens: 10,
    stop: ['\n\n'],
  }),
)

resuming('likewise within a grammar', () =>
  assertGoesOn({
    prompt: 'As JSON: ',
    maxTokens: 80,
    temperature: 0.8,
    seed: 2,
    responseFormat: {
      type: 'json_schema',
      schema: {
        type: 'object',
        properties: { a: { type: 'string', maxLength: 12 }, n: { type: 'integer' } },
        required: ['a', 'n'],
      },
    },
  }),
)

resuming('likewise behind an echo, which is not sent again', async () => {
  const engine = await micro()
  const request = { promptTokens: [67, 175, 256, 249], echo: true, maxTokens: 12, temperature: 0 }
  const whole = await partsOf(engine, request)
  const resume = whole.slice(0, 2).flatMap(({ tokens }) => tokens)
  const after = await partsOf(engine, { ...request, resume })
  const text = (parts: readonly GeneratePart[]): string => parts.map((part) => part.text).join('')
  assert.is(text(whole.slice(0, 2)) + text(after), text(whole))
})

resuming('is refused with tokens that are none, or that are the whole answer', async () => {
  const engine = await micro()
  const refused = async (resume: number[]): Promise<unknown> =>
    partsOf(engine, { prompt: 'a', maxTokens: 3, resume }).catch((error: { param: string }) => error.param)
  assert.is(await refused([-1]), 'resume')
  assert.is(await refused([1, 2, 3]), 'resume')
})

resuming.run()
