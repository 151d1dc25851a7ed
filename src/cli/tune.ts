/**
 * `sequoia tune`: what passes cost on this machine, the tree that follows, its predicted speed, and the speed that
 * decoding then measures.
 */
import { cpus } from 'node:os'
import type { Engine, GenerateRequest, GenerateStats, PassTable, StepEvent, Tuning } from '../api/types.js'
import { InvalidArgumentError } from '../spec/errors.js'
import type { Command } from './command.js'
import { engineFlags, openByFlags } from './engine-flags.js'
import { integer, parse, toggle, type Values } from './flags.js'
import { formatsFlag, keepRates } from './tune-formats.js'

const flags = {
  ...engineFlags,
  format: formatsFlag,
  context: integer('N', 'context that plans are made for, in tokens (default 256)', 1),
  json: toggle('print one JSON object'),
}

/**
 * Prompts that the measurement decodes; the first warms up and does not count. Many of them and short answers: speed
 * changes within seconds on a machine that others use.
 */
const PROMPTS = [
  'Say hello.',
  'How does rain form?',
  'Name three uses of salt.',
  'Why do leaves fall in autumn?',
  'What is a comet?',
  'Describe a quiet morning.',
  'How do I boil an egg?',
  'Give me a reason to walk more.',
  'Who was Ada Lovelace?',
  'What do bees eat?',
  'Explain what a loop is.',
  'Plan a day in a museum.',
  'How does a bicycle stay upright?',
]
const TOKENS = 32
/** Rounds of timing between two turns. */
const ROUNDS = 1

/**
 * Tokens a second of the answers, prompts left out; trees: with the planned tree of the model draft, null where that is
 * plain decoding.
 */
interface Rates {
  plain: number
  tree: number | null
}

/** Milliseconds of a step, and of it: drafting, the target's pass. What is left is planning, verifying and text. */
interface StepTimes {
  ms: number
  draftMs: number
  targetMs: number
}

interface Measured extends Rates {
  /** The tree's tokens a step. */
  tokensPerStep: number
  /** Mean context of the answers' tokens. */
  context: number
  /** What passes timed between these answers say of them: at their contexts, for as many tokens a step. */
  predicted: Rates
  /** Means of the answers' steps. */
  steps: { plain: StepTimes; tree: StepTimes | null }
}

export const tune: Command = {
  name: 'tune',
  summary: 'say what was measured on this machine and which tree follows from it',
  usage: 'tune [flags] [--json]',
  flags,
  async run(argv) {
    const { values } = parse(flags, argv, null)
    const { format: names = [undefined] } = values
    // There and back again, so that a machine that slows down slows all of them.
    const turns = names.length === 1 ? names : [...names, ...[...names].reverse()]
    const all: Tuned[] = []
    for (const format of turns) all.push(await tuned({ ...values, format }))
    const shown = all.slice(0, names.length)
    const choice = names.length === 1 ? null : await keepRates(values, all)
    if (values.json)
      console.log(JSON.stringify(choice ? { formats: shown.map(({ json }) => json), choice } : all[0].json))
    else console.log([...shown.map(({ text }) => text), ...(choice ? [`format ${choice.why}`] : [])].join('\n\n'))
    return 0
  },
}

interface Tuned {
  format: string
  tokensPerSecond: number
  json: object
  text: string
}

async function tuned(values: Values<typeof engineFlags> & { context?: number }): Promise<Tuned> {
  const engine = await openByFlags(values)
  try {
    await engine.calibrate()
    const tuning = engine.tuning(values.context)
    const measured = await measure(engine, tuning.plan.greedy.parents)
    const machine = { cpu: cpus()[0]?.model ?? 'unknown', cores: cpus().length }
    const { model, format, runtime, draft } = engine.info
    return {
      format,
      tokensPerSecond: Math.max(measured.plain, measured.tree ?? 0),
      json: { model, format, runtime, draftName: draft, machine, ...tuning, measured },
      text: told(engine, tuning, measured),
    }
  } finally {
    await engine.close()
  }
}

interface Way {
  how: { draft: string; tree?: number[] }
  msPerStep(context: number): number
  tokens: number
  steps: number
  ms: number
  draftMs: number
  targetMs: number
  predictedMs: number
}

/**
 * Ways take turns answer by answer, and passes are timed before and after each turn: a machine that slows down slows
 * them all.
 */
async function measure(engine: Engine, parents: number[]): Promise<Measured> {
  const none = { tokens: 0, steps: 0, ms: 0, draftMs: 0, targetMs: 0, predictedMs: 0 }
  const plain: Way = {
    how: { draft: 'none' },
    msPerStep: (context) => 1000 / engine.tuning(context).plainTokensPerSecond,
    ...none,
  }
  const tree: Way | null =
    parents.length > 1
      ? {
          how: { draft: 'model', tree: parents },
          msPerStep: (context) => engine.tuning(context, parents).plan.greedy.msPerStep,
          ...none,
        }
      : null
  const contexts: number[] = []
  let counted: Way | null = null
  const count = ({ draftMs, targetMs }: StepEvent): void => {
    if (!counted) return
    counted.draftMs += draftMs
    counted.targetMs += targetMs
  }
  engine.events.on('step', count)
  for (const [i, content] of PROMPTS.entries()) {
    const answers: { way: Way; predictedMs(): number }[] = []
    for (const way of tree ? [plain, tree] : [plain]) {
      counted = i === 0 ? null : way
      const stats = await decode(engine, content, way.how)
      if (i === 0) continue
      const context = Math.round(stats.promptTokens + stats.tokens / 2)
      contexts.push(context)
      way.tokens += stats.tokens
      way.steps += stats.steps
      way.ms += stats.decodeMs
      answers.push({ way, predictedMs: () => stats.steps * way.msPerStep(context) })
    }
    for (const { way, predictedMs } of answers) way.predictedMs += predictedMs() / 2
    await engine.calibrate({ rounds: ROUNDS })
    for (const { way, predictedMs } of answers) way.predictedMs += predictedMs() / 2
  }
  engine.events.off('step', count)
  return {
    plain: rate(plain.tokens, plain.ms),
    tree: tree && rate(tree.tokens, tree.ms),
    tokensPerStep: tree ? tree.tokens / tree.steps : 1,
    context: Math.round(contexts.reduce((sum, context) => sum + context) / contexts.length),
    predicted: { plain: rate(plain.tokens, plain.predictedMs), tree: tree && rate(tree.tokens, tree.predictedMs) },
    steps: { plain: stepOf(plain), tree: tree && stepOf(tree) },
  }
}

const rate = (tokens: number, ms: number): number => (1000 * tokens) / ms

function stepOf({ ms, draftMs, targetMs, steps }: Way): StepTimes {
  return { ms: ms / steps, draftMs: draftMs / steps, targetMs: targetMs / steps }
}

async function decode(
  engine: Engine,
  content: string,
  how: { draft: string; tree?: number[] },
): Promise<GenerateStats> {
  let last: GenerateStats | undefined
  for await (const { stats } of engine.generate({ ...(await asked(engine, content)), maxTokens: TOKENS, ...how }))
    last = stats
  return last!
}

/** As a chat turn where the model has a template. */
async function asked(engine: Engine, content: string): Promise<Pick<GenerateRequest, 'messages' | 'prompt'>> {
  const messages = [{ role: 'user' as const, content }]
  try {
    await engine.encode({ messages })
    return { messages }
  } catch (error) {
    if (error instanceof InvalidArgumentError) return { prompt: content }
    throw error
  }
}

function told(engine: Engine, tuning: Tuning, measured: Measured): string {
  const { greedy, sampled } = tuning.plan
  const speed = (value: number | null): string => (value === null ? 'not measured' : `${value.toFixed(1)} tokens/s`)
  const tree = (label: string, { nodes, depth, tokensPerSecond }: Tuning['plan']['greedy']): string =>
    nodes === 1
      ? `${label}: no tree, ${speed(tokensPerSecond)} predicted`
      : `${label}: ${nodes} nodes on ${depth} levels, ${speed(tokensPerSecond)} predicted`
  return [
    `${engine.info.model} (${engine.info.format}, ${engine.info.runtime}), draft ${engine.info.draft}`,
    tuning.summary,
    `target, ms: ${rowsOf(tuning.target)}`,
    ...(tuning.draft ? [`draft, ms: ${rowsOf(tuning.draft)}`] : []),
    tree('greedy', greedy),
    tree('sampled', sampled),
    `measured on ${PROMPTS.length - 1} prompts at about ${measured.context} tokens, greedy: ` +
      `plain ${speed(measured.plain)} (${speed(measured.predicted.plain)} predicted), ` +
      `tree ${speed(measured.tree)} at ${measured.tokensPerStep.toFixed(2)} tokens a step ` +
      `(${speed(measured.predicted.tree)} predicted)`,
    `a plain step took ${timesOf(measured.steps.plain)}` +
      (measured.steps.tree ? `; a tree's ${timesOf(measured.steps.tree)}` : ''),
  ].join('\n')
}

function timesOf({ ms, draftMs, targetMs }: StepTimes): string {
  const besides = (ms - draftMs - targetMs).toFixed(1)
  return `${ms.toFixed(1)} ms: ${draftMs.toFixed(1)} drafting, ${targetMs.toFixed(1)} the pass, ${besides} besides`
}

function rowsOf({ rows, contexts, ms }: PassTable): string {
  return rows
    .map((n, i) => `n=${n} ${contexts.map((context, j) => `${ms[i][j].toFixed(1)} at ${context}`).join(', ')}`)
    .join('; ')
}
