// @process own
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { openEngine, SequoiaError, InvalidArgumentError } from '../../src/index.js'
import type { Engine, GeneratePart, GenerateRequest } from '../../src/api/types.js'
import { closeEngines, engineFor } from '../support/engines.js'
import { buildGguf } from '../support/gguf-file.js'
import { fixture, mistralCallsFolder, paddedFolder, thinkingFolder } from '../support/padded-folder.js'
import { tempFolder } from '../support/temp-folder.js'
import { tinyLlama } from '../support/tiny-llama.js'
import { assertEqualsPlain, assertSpeculated, collect, newTotals, TREES } from '../support/equality.js'

const engineSuite = suite('engine on the micro pair')
engineSuite.after(closeEngines)

const PROMPT = 'This package is'
const micro = (): Promise<Engine> => engineFor({ target: 'micro' })

function assertIdle(engine: Engine): void {
  const { slotsUsed, running, waiting } = engine.usage()
  assert.equal({ slotsUsed, running, waiting }, { slotsUsed: 0, running: 0, waiting: 0 })
}

async function failure(engine: Engine, request: GenerateRequest): Promise<SequoiaError> {
  try {
    await collect(engine, request)
  } catch (error) {
    assert.instance(error, SequoiaError)
    return error as SequoiaError
  }
  return assert.unreachable('the request was not refused') as never
}

engineSuite('greedy tree decoding equals plain decoding with either drafter and every tree', async () => {
  const engine = await micro()
  for (const draft of ['model', 'ngram']) {
    const totals = newTotals()
    for (const [name, tree] of Object.entries(TREES)) {
      for (const prompt of [
        PROMPT,
        '# API\n\n## Usage\n\n```js\nconst',
        'Install with npm. Install with npm. Install with',
      ]) {
        await assertEqualsPlain(engine, { prompt, maxTokens: 80, draft, tree }, totals, `${draft} ${name}`)
      }
    }
    assertSpeculated(totals)
  }
  assertIdle(engine)
})

engineSuite(
  'with a seed, tree decoding equals plain decoding at any temperature and with top-p, top-k and min-p',
  async () => {
    const engine = await micro()
    const totals = newTotals()
    const settings = [
      { temperature: 0.3 },
      { temperature: 0.8, topP: 0.9 },
      { temperature: 1.3 },
      { temperature: 1, topK: 20 },
      { temperature: 1, minP: 0.05 },
    ]
    for (const [i, sampling] of settings.entries()) {
      for (const [j, tree] of Object.values(TREES).entries()) {
        await assertEqualsPlain(
          engine,
          { prompt: PROMPT, maxTokens: 64, seed: 10 * i + j, draft: 'model', tree, ...sampling },
          totals,
          JSON.stringify(sampling),
        )
      }
    }
    assertSpeculated(totals)
  },
)

engineSuite('planned trees equal plain decoding too, and a seed gives the same text twice', async () => {
  const engine = await micro()
  const totals = newTotals()
  for (const temperature of [0, 0.8])
    await assertEqualsPlain(engine, { prompt: PROMPT, maxTokens: 96, temperature, seed: 5 }, totals, `T=${temperature}`)
  const request = { prompt: PROMPT, maxTokens: 40, temperature: 1, seed: 7 }
  const [first, second] = [await collect(engine, request), await collect(engine, request)]
  assert.equal(first.tokens, second.tokens)
  assert.not.equal((await collect(engine, { ...request, seed: 8 })).tokens, first.tokens)
})

engineSuite("the paper's rule decodes with both drafters and frees what it held", async () => {
  const engine = await micro()
  for (const draft of ['model', 'ngram']) {
    const { stats } = await collect(engine, {
      prompt: PROMPT,
      maxTokens: 60,
      temperature: 0.8,
      verifier: 'sequoia',
      draft,
      tree: TREES.bush,
    })
    assert.is(stats.tokens > 0 && stats.tokens <= 60, true)
  }
  assertIdle(engine)
})

engineSuite('texts of the parts add up, tokens add up, and the last part alone has the finish reason', async () => {
  const engine = await micro()
  const parts: GeneratePart[] = []
  for await (const part of engine.generate({ prompt: PROMPT, maxTokens: 50 })) parts.push(part)
  const last = parts[parts.length - 1]
  assert.is(parts.filter((part) => part.finishReason !== undefined).length, 1)
  assert.ok(last.finishReason !== undefined && last.stats)
  assert.is(
    parts.reduce((sum, part) => sum + part.tokens.length, 0),
    last.stats!.tokens,
  )
  assert.ok(parts.every((part) => part.accepted <= part.tokens.length))
})

engineSuite('an answer never exceeds maxTokens, whatever a tree accepts', async () => {
  const engine = await micro()
  for (let maxTokens = 1; maxTokens <= 9; maxTokens++) {
    const { tokens, stats } = await collect(engine, { prompt: PROMPT, maxTokens, tree: TREES.fork, draft: 'model' })
    assert.ok(tokens.length <= maxTokens)
    assert.is(stats.tokens, tokens.length)
  }
})

engineSuite('a stop string ends the answer and is left out of it', async () => {
  const engine = await micro()
  const whole = await collect(engine, { prompt: PROMPT, maxTokens: 60 })
  const stop = whole.text.slice(12, 16)
  const stopped = await collect(engine, { prompt: PROMPT, maxTokens: 60, stop: [stop] })
  assert.is(stopped.text, whole.text.slice(0, whole.text.indexOf(stop)))
})

engineSuite('leaving the loop early frees everything', async () => {
  const engine = await micro()
  for await (const part of engine.generate({ prompt: PROMPT, maxTokens: 200 })) if (part.tokens.length > 0) break
  assertIdle(engine)
})

engineSuite(
  'an abort ends the answer within a step, before, in and after the prompt, and frees everything',
  async () => {
    const engine = await micro()
    const early = await collect(engine, { prompt: PROMPT, signal: AbortSignal.abort() })
    assert.is(early.stats.tokens, 0)
    const controller = new AbortController()
    let reason: string | undefined
    let after = 0
    for await (const part of engine.generate({ prompt: PROMPT, maxTokens: 300, signal: controller.signal })) {
      if (controller.signal.aborted) after += part.tokens.length
      controller.abort()
      reason = part.finishReason
    }
    assert.is(reason, 'abort')
    assert.is(after, 0)
    assertIdle(engine)
  },
)

engineSuite('requests take turns; an abort while waiting gives the place up', async () => {
  const engine = await micro()
  const controller = new AbortController()
  const first = collect(engine, { prompt: PROMPT, maxTokens: 60 })
  const second = collect(engine, { prompt: PROMPT, maxTokens: 60, signal: controller.signal })
  const third = collect(engine, { prompt: PROMPT, maxTokens: 60 })
  controller.abort()
  assert.is((await second).stats.tokens, 0)
  assert.equal((await third).tokens, (await first).tokens)
  assertIdle(engine)
})

engineSuite('requests that cannot be served are refused by name before anything is taken', async () => {
  const engine = await micro()
  const long = Array.from({ length: engine.info.maxContext }, () => 5)
  assert.is((await failure(engine, { promptTokens: long })).code, 'context_overflow')
  assert.is(
    ((await failure(engine, { promptTokens: [engine.info.vocabSize] })) as InvalidArgumentError).param,
    'promptTokens',
  )
  assert.is(((await failure(engine, { promptTokens: [] })) as InvalidArgumentError).param, 'promptTokens')
  assert.is(((await failure(engine, { prompt: PROMPT, draft: 'oracle' })) as InvalidArgumentError).param, 'draft')
  assertIdle(engine)
})

engineSuite('an answer ends where the context does', async () => {
  const engine = await micro()
  const room = 5
  const promptTokens = Array.from({ length: engine.info.maxContext - room }, (_, i) => 300 + (i % 50))
  const { tokens } = await collect(engine, { promptTokens, maxTokens: 100 })
  assert.ok(tokens.length <= room)
  assertIdle(engine)
})

engineSuite('both runtimes and every thread count give the same text', async () => {
  const reference = await collect(await micro(), { prompt: PROMPT, maxTokens: 48, temperature: 0.8, seed: 3 })
  for (const options of [{ runtime: 'portable' }, { threads: 1 }] as const) {
    const engine = await openEngine({ target: 'micro', ...options })
    assert.equal(
      (await collect(engine, { prompt: PROMPT, maxTokens: 48, temperature: 0.8, seed: 3 })).tokens,
      reference.tokens,
    )
    await engine.close()
  }
})

engineSuite('a closed engine says so, and closing waits for the request in flight', async () => {
  const engine = await openEngine({ target: 'micro', draft: 'ngram' })
  const running = collect(engine, { prompt: PROMPT, maxTokens: 30 })
  await Promise.resolve()
  await Promise.all([engine.close(), running])
  assert.is((await failure(engine, { prompt: PROMPT })).code, 'closed')
})

engineSuite('options that are unknown or out of range are refused by name', async () => {
  for (const [param, options] of [
    ['target', { target: '' }],
    ['speed', { target: 'micro', speed: 'fast' }],
    ['format', { target: 'micro', format: 'int3' }],
    ['threads', { target: 'micro', threads: 0 }],
    ['maxContext', { target: 'micro', maxContext: 1e9 }],
    ['runtime', { target: 'micro', runtime: 'portable', memory: '1GB' }],
  ] as const) {
    try {
      await openEngine(options as never)
      assert.unreachable(param)
    } catch (error) {
      assert.is((error as InvalidArgumentError).param, param)
    }
  }
})

engineSuite('a draft with another tokenizer is refused before anything is served', async () => {
  const path = join(tempFolder(), 'stranger.gguf')
  writeFileSync(path, buildGguf(tinyLlama()))
  try {
    await openEngine({ target: 'micro', draft: path })
    assert.unreachable('the stranger was paired')
  } catch (error) {
    assert.is((error as SequoiaError).code, 'tokenizer_mismatch')
    assert.match((error as SequoiaError).message, /different tokenizers/)
  }
})

engineSuite('rows of a head without a token never come, whichever of a pair has them', async () => {
  const [target, dir] = [fixture('qwen3'), tempFolder()]
  const { prompt, greedy } = JSON.parse(readFileSync(join(target, 'reference.json'), 'utf8')) as {
    prompt: number[]
    greedy: number[]
  }
  const padded = paddedFolder(join(dir, 'padded'), { name: 'qwen3', extra: 8, token: greedy[0] })
  for (const pair of [
    { target: padded, draft: target },
    { target, draft: padded },
  ]) {
    const engine = await engineFor({ ...pair, format: 'fp32' })
    assert.is(engine.info.vocabSize, 264)
    const asked = { promptTokens: prompt, maxTokens: greedy.length, tree: TREES.bush }
    const parts: GeneratePart[] = []
    for await (const part of engine.generate({ ...asked, logprobs: 20, trace: true })) parts.push(part)
    assert.equal(
      parts.flatMap(({ tokens }) => tokens),
      greedy,
    )
    const listed = parts.flatMap(({ logprobs = [] }) => logprobs.flatMap(({ top }) => top.map(({ token }) => token)))
    assert.ok(listed.length > 0 && listed.every((token) => token < 264))
    for (const chosen of [{ verifier: 'coupled', seed: 3 }, { verifier: 'sequoia' }]) {
      const { tokens, stats } = await collect(engine, { ...asked, temperature: 2, maxTokens: 60, ...chosen })
      assert.ok(tokens.every((token) => token < 264) && stats.drafted > 0)
    }
    assert.is((await failure(engine, { promptTokens: [264] })).code, 'invalid_argument')
  }
})

engineSuite(
  "a model's own sampling defaults hold where a request says nothing, unless there are to be none",
  async () => {
    const generation = { do_sample: true, temperature: 1.5, top_k: 40, eos_token_id: [263] }
    const target = paddedFolder(join(tempFolder(), 'stating'), { name: 'qwen3', extra: 0, token: 0, generation })
    const options = { target, draft: 'none', format: 'fp32' } as const
    const [stating, plain] = [await engineFor(options), await engineFor({ ...options, samplingDefaults: 'none' })]
    assert.equal([stating.info.sampling, plain.info.sampling], [{ temperature: 1.5, topK: 40 }, {}])
    assert.is.not(stating.info.fingerprint, plain.info.fingerprint)
    const asked = { prompt: 'the heron', maxTokens: 12, seed: 5 }
    const { tokens } = await collect(stating, asked)
    assert.equal(tokens, (await collect(plain, { ...asked, temperature: 1.5, topK: 40 })).tokens)
    const greedy = (await collect(plain, asked)).tokens
    assert.is.not(String(tokens), String(greedy))
    assert.equal((await collect(stating, { ...asked, temperature: 0 })).tokens, greedy)
  },
)

engineSuite(
  'thinking is told apart, a response format holds behind it, and the template can switch it off',
  async () => {
    const target = thinkingFolder(join(tempFolder(), 'thinking'), 'qwen3')
    const engine = await engineFor({ target, draft: target, format: 'fp32' })
    assert.ok(engine.info.thinks)
    const messages = [{ role: 'user', content: 'the heron' }]
    const ask = async (more: Partial<GenerateRequest>): Promise<[string, string, GeneratePart]> => {
      let [text, reasoning] = ['', '']
      let last: GeneratePart | undefined
      for await (const part of engine.generate({ messages, maxTokens: 12, seed: 2, temperature: 0.9, ...more })) {
        text += part.text
        reasoning += part.reasoning ?? ''
        last = part
      }
      return [text, reasoning, last!]
    }
    const responseFormat = { type: 'choice', choices: ['thin', 'then'] } as const
    const close = (await engine.encode({ messages, chatTemplateKwargs: { enable_thinking: false } })).at(-3)!
    const atOnce = { [close]: 100 }
    for (const tree of [undefined, TREES.bush]) {
      const [text, reasoning, { finishReason, stats }] = await ask({ responseFormat, tree, logitBias: atOnce })
      assert.ok(['thin', 'then'].includes(text), text)
      assert.equal([reasoning, finishReason, stats!.reasoningTokens], ['', 'stop', 1])
      const [none, thought, { stats: cut }] = await ask({ responseFormat, tree, bannedTokens: [close] })
      assert.equal([none, cut!.reasoningTokens], ['', 12])
      assert.ok(thought.length > 0)
      const kwargs = { chatTemplateKwargs: { enable_thinking: false } }
      const [answer, quiet, { stats: short }] = await ask({ responseFormat, tree, ...kwargs })
      assert.ok(['thin', 'then'].includes(answer), answer)
      assert.equal([quiet, short!.reasoningTokens], ['', 0])
    }
    const wrong = await failure(engine, { messages, chatTemplateKwargs: { enable_thinkin: false } })
    assert.is((wrong as InvalidArgumentError).param, 'chatTemplateKwargs.enable_thinkin')
    const { param } = (await failure(engine, { prompt: 'x', chatTemplateKwargs: {} })) as InvalidArgumentError
    assert.is(param, 'chatTemplateKwargs')
  },
)

engineSuite("calls behind a special token of the family's own are drawn, held to the tools and read back", async () => {
  const target = mistralCallsFolder(join(tempFolder(), 'calls'), 'qwen3')
  const engine = await engineFor({ target, draft: target, format: 'fp32' })
  const messages = [{ role: 'user', content: 'the time' }]
  for (const tree of [undefined, TREES.bush]) {
    const parts: GeneratePart[] = []
    const asked = { messages, tools: [{ name: 'now' }], parallelToolCalls: false, maxTokens: 80, tree }
    for await (const part of engine.generate({ ...asked, toolChoice: 'required', logitBias: { 261: 100 } }))
      parts.push(part)
    assert.is(parts[0].tokens[0], 261, 'the special token itself')
    const calls = parts.flatMap(({ toolCalls = [] }) => toolCalls)
    assert.equal([calls[0].name, calls.map((call) => call.arguments).join('')], ['now', '{}'])
    assert.equal([parts.map(({ text }) => text).join(''), parts.at(-1)!.finishReason], ['', 'tool_calls'])
  }
})

engineSuite.run()
