// @process native
/**
 * Traces of steps, held against what the same requests say by other means: parts, log probabilities, plain decoding.
 */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Engine, GeneratePart, StepTrace } from '../../src/api/types.js'
import { closeEngines, engineFor } from '../support/engines.js'
import { collect, TREES } from '../support/equality.js'

const request = { prompt: 'const sum = (a, b) =>', maxTokens: 48 }
const trace = suite('trace')
let engine: Engine

trace.before(async () => {
  engine = await engineFor({ target: 'micro', maxContext: 256 })
})
trace.after(closeEngines)

async function partsOf(extra: object): Promise<GeneratePart[]> {
  const parts: GeneratePart[] = []
  for await (const part of engine.generate({ ...request, ...extra })) parts.push(part)
  return parts
}

trace('changes nothing of the answer, and is absent unless asked for', async () => {
  for (const sampling of [{ temperature: 0 }, { temperature: 0.8, seed: 5 }]) {
    const [traced, untraced] = [
      await partsOf({ ...sampling, tree: TREES.bush, trace: true }),
      await partsOf({ ...sampling, tree: TREES.bush }),
    ]
    assert.equal(
      traced.flatMap(({ tokens }) => tokens),
      untraced.flatMap(({ tokens }) => tokens),
    )
    assert.ok(untraced.every((part) => !('trace' in part)))
    assert.ok(traced.filter(({ tokens }) => tokens.length > 0).every((part) => part.trace))
  }
})

trace('the path and the token after it spell the part', async () => {
  const parts = await partsOf({ tree: TREES.binary, trace: true })
  const whole = parts
    .slice(0, -1)
    .filter((part): part is GeneratePart & { trace: StepTrace } => part.trace !== undefined)
  for (const {
    text,
    tokens,
    accepted,
    trace: { path, texts, next, parents },
  } of whole) {
    assert.is(tokens.length, path.length + 1)
    assert.is(accepted, path.length)
    path.forEach((node, at) => assert.is(parents[node], at === 0 ? 0 : path[at - 1]))
    assert.is([...path.map((node) => texts[node]), next].join(''), text)
  }
  assert.ok(
    whole.some(({ trace: { path } }) => path.length > 1),
    'no path is longer than one node',
  )
})

trace("probabilities are those of the target's own log probabilities and of the draft", async () => {
  const parts = await partsOf({ tree: TREES.binary, trace: true, logprobs: 0 })
  let nodes = 0
  for (const { trace: step, logprobs } of parts) {
    if (!step) continue
    // The last step's path may go on where the answer ends.
    logprobs!.slice(0, step.path.length).forEach(({ logprob }, at) => {
      const node = step.path[at]
      nodes += 1
      assert.ok(Math.abs(step.target[node] - Math.exp(logprob)) < 1e-5, `node ${node}: ${step.target[node]}`)
    })
    // A model draft's q: a law over siblings, so their sum is at most 1.
    const byParent = new Map<number, number>()
    step.parents.forEach(
      (parent, node) => parent >= 0 && byParent.set(parent, (byParent.get(parent) ?? 0) + step.draft[node]!),
    )
    for (const sum of byParent.values()) assert.ok(sum > 0 && sum < 1 + 1e-6, String(sum))
  }
  assert.ok(nodes > 5, `${nodes} nodes were taken`)
})

trace('plain decoding has trees of one node, and guesses without probabilities have none to show', async () => {
  const plain = await partsOf({ draft: 'none', trace: true })
  assert.ok(plain.every(({ trace: step }) => !step || (step.parents.length === 1 && step.path.length === 0)))
  const guessed = await partsOf({ draft: 'ngram', tree: TREES.fork, trace: true })
  const drafts = guessed.flatMap(({ trace: step }) => step?.draft.slice(1) ?? [])
  assert.ok(drafts.length > 0 && drafts.every((q) => q === null))
})

trace('is the time of the steps without the tracing', async () => {
  const parts = await partsOf({ tree: TREES.fork, trace: true })
  const { stats } = await collect(engine, { ...request, tree: TREES.fork })
  const sum = parts.reduce((ms, { trace: step }) => ms + (step?.ms ?? 0), 0)
  assert.ok(sum > 0 && sum <= parts.at(-1)!.stats!.decodeMs, `${sum} ms of ${parts.at(-1)!.stats!.decodeMs}`)
  assert.is(stats.steps, parts.filter(({ trace: step }) => step).length)
})

trace('no tree of a request has more nodes than it allows, and the text is the same', async () => {
  const sizesOf = (parts: readonly GeneratePart[]): number[] =>
    parts.flatMap((part) => (part.trace ? [part.trace.parents.length] : []))
  const free = await partsOf({ draft: 'ngram', trace: true, maxTokens: 200 })
  assert.ok(Math.max(...sizesOf(free)) > 3, 'nothing to bound')
  for (const maxNodes of [1, 2, 3]) {
    const bounded = await partsOf({ draft: 'ngram', trace: true, maxTokens: 200, maxNodes })
    assert.ok(Math.max(...sizesOf(bounded)) <= maxNodes)
    assert.equal(
      bounded.flatMap(({ tokens }) => tokens),
      free.flatMap(({ tokens }) => tokens),
    )
  }
})

trace.run()
