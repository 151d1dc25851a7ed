/**
 * What a request may ask of the choice of tokens, alone and in pairs, as requests to the micro pair; and the check that
 * such requests, alone or side by side in one batch, end as plain decoding of each by itself does.
 */
import * as assert from 'uvu/assert'
import { SequoiaError } from '../../src/spec/errors.js'
import type { ChosenLogprob, Engine, GenerateRequest, GenerateStats } from '../../src/api/types.js'
import { addRun, collect, TREES, type Totals } from './equality.js'
import { seeded } from './random-llama.js'

type Fields = Partial<GenerateRequest>

/** A request and what is special about it. */
export interface Case {
  label: string
  request: GenerateRequest
}

/** All that a reader sees of an answer. */
interface Outcome {
  tokens: number[]
  text: string
  logprobs: ChosenLogprob[]
  /** The last part's reason and stop token, or the error. */
  end: string
  failed: boolean
  stats?: GenerateStats
}

const PROMPTS = [
  'Install with npm. Install with npm. Install with',
  'This package is',
  '# API\n\n## Usage\n\n```js\nconst',
  '- [ ] one\n- [ ] two\n- [ ]',
]
const DRAFTS = ['model', 'ngram', 'merged']
/** Undefined: what the planner makes of it. */
const SHAPES = [TREES.fork, TREES.bush, TREES.binary, undefined]
const FORMS = ['json schema', 'regex', 'grammar']

/** Every feature by itself; token ids are those that the micro pair likes to say. */
export async function samplingFeatures(engine: Engine): Promise<Record<string, Fields>> {
  const said = await collect(engine, { prompt: PROMPTS[0], maxTokens: 60, temperature: 0.8, seed: 1, draft: 'none' })
  const common = [...new Set(said.tokens)]
  const form = await lastPart(engine, { prompt: PROMPTS[0], responseFormat: { type: 'choice', choices: ['a'] } })
  const endToken = form.stopToken!
  return {
    temperature: { temperature: 1.3 },
    'top k': { topK: 4 },
    'top p': { topP: 0.7 },
    'min p': { minP: 0.1 },
    'repetition penalty': { repetitionPenalty: 1.15 },
    'presence penalty': { presencePenalty: 0.8 },
    'frequency penalty': { frequencyPenalty: 0.5 },
    'logit bias': { logitBias: { [common[0]]: 3, [common[1]]: -100, [common[2]]: 1.5, [endToken]: 4 } },
    'banned tokens': { bannedTokens: common.slice(0, 4) },
    // The first tokens are the single bytes, so that every form can be written.
    'allowed tokens': {
      allowedTokens: [...common.slice(1), ...Array.from({ length: 600 }, (_, token) => token), endToken],
    },
    'minimum length': { minTokens: 12 },
    'ignored end': { ignoreEos: true },
    'stop strings': { stop: ['the', '\n\n', said.text.slice(5, 8)] },
    'stop tokens': { stopTokenIds: [common[5], common[7]] },
    'log probabilities': { logprobs: 3 },
    'another choice': { choice: 2 },
    echo: { echo: true },
    'json schema': {
      responseFormat: {
        type: 'json_schema',
        schema: {
          type: 'object',
          properties: { name: { type: 'string', maxLength: 6 }, ok: { type: 'boolean' } },
          required: ['name', 'ok'],
          additionalProperties: false,
        },
      },
    },
    regex: { responseFormat: { type: 'regex', pattern: '(\\d{2}) [a-z]{3,8}(, [a-z]{2,6}){0,2}\\.' } },
    grammar: {
      responseFormat: { type: 'grammar', grammar: 'root ::= item{1,3} "end"\nitem ::= "- " [a-z]{1,8} "\\n"' },
    },
  }
}

/**
 * Requests with one feature, and with each two that go together; greedy and at temperature 0.8, with drafts and trees
 * in turn.
 */
export async function featureCases(engine: Engine): Promise<{ alone: Case[]; pairs: Case[] }> {
  const features = Object.entries(await samplingFeatures(engine))
  const alone: Case[] = []
  const pairs: Case[] = []
  let i = 0
  const add = (to: Case[], label: string, fields: Fields): void => {
    for (const temperature of [0, 0.8]) {
      const draft = DRAFTS[i % DRAFTS.length]
      const request = {
        prompt: PROMPTS[i % PROMPTS.length],
        maxTokens: 28,
        seed: 50 + i,
        temperature,
        draft,
        tree: SHAPES[(i >> 1) % SHAPES.length],
        ...fields,
      }
      to.push({ label: `${label} at ${temperature} with ${draft}`, request })
      i += 1
    }
  }
  for (const [at, [name, fields]] of features.entries()) {
    add(alone, name, fields)
    for (const [other, more] of features.slice(at + 1))
      if (goTogether(name, other)) add(pairs, `${name} and ${other}`, { ...fields, ...more })
  }
  return { alone, pairs }
}

function goTogether(one: string, other: string): boolean {
  return !(FORMS.includes(other) && (FORMS.includes(one) || one === 'ignored end'))
}

/** The same in another order, which depends on the seed alone. */
export function shuffled<T>(items: readonly T[], seed: number): T[] {
  const random = seeded(seed)
  return items
    .map((item) => ({ item, at: random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item)
}

/**
 * Asserts that each request, `together` at a time, ends as plain decoding of it alone: tokens, text, log probabilities,
 * reason, or error. Adds what the trees did to `totals`.
 */
export async function assertEachAsAlone(
  engine: Engine,
  cases: readonly Case[],
  plain: ReadonlyMap<Case, Outcome>,
  together: number,
  totals: Totals,
): Promise<void> {
  for (let from = 0; from < cases.length; from += together) {
    const group = cases.slice(from, from + together)
    const outcomes = await Promise.all(group.map(({ request }) => outcomeOf(engine, request)))
    for (const [i, one] of group.entries())
      assertSame(outcomes[i], plain.get(one)!, `${one.label}, one of ${group.length}`, totals)
  }
}

/** Plain decoding of each, one after the other. */
export async function plainOutcomes(engine: Engine, cases: readonly Case[]): Promise<Map<Case, Outcome>> {
  const outcomes = new Map<Case, Outcome>()
  for (const one of cases)
    outcomes.set(one, await outcomeOf(engine, { ...one.request, draft: 'none', tree: undefined }))
  return outcomes
}

function assertSame(tree: Outcome, plain: Outcome, label: string, totals: Totals): void {
  assert.is(tree.end, plain.end, label)
  // The step that failed may have had tokens before the one that could not be chosen.
  const length = plain.failed ? tree.tokens.length : plain.tokens.length
  assert.equal(tree.tokens, plain.tokens.slice(0, length), label)
  if (plain.failed) return
  assert.is(tree.text, plain.text, label)
  assert.equal(tree.logprobs, plain.logprobs, label)
  addRun(totals, tree.stats!)
}

async function outcomeOf(engine: Engine, request: GenerateRequest): Promise<Outcome> {
  const outcome: Outcome = { tokens: [], text: '', logprobs: [], end: 'none', failed: false }
  try {
    for await (const part of engine.generate(request)) {
      outcome.tokens.push(...part.tokens)
      outcome.logprobs.push(...(part.logprobs ?? []))
      outcome.text += part.text
      outcome.stats = part.stats
      if (part.finishReason) outcome.end = `${part.finishReason} ${part.stopToken ?? ''}`
    }
  } catch (error) {
    if (!(error instanceof SequoiaError)) throw error
    outcome.end = `${error.code}: ${error.message}`
    outcome.failed = true
  }
  return outcome
}

async function lastPart(engine: Engine, request: GenerateRequest): Promise<{ stopToken?: number }> {
  let last = {}
  for await (const part of engine.generate(request)) last = part
  return last
}
