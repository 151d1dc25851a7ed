/** `sequoia tune`: what passes cost on this machine, the tree that follows, its predicted speed, and the speed that decoding then measures. */
import { cpus } from 'node:os'
import type { Tuning, PassTable } from '../engine/tuning.js'
import type { Engine, GenerateRequest } from '../engine/types.js'
import { InvalidArgumentError } from '../errors.js'
import type { Command } from './command.js'
import { engineFlags, openByFlags } from './engine-flags.js'
import { integer, parse, toggle } from './flags.js'

const flags = {
  ...engineFlags,
  context: integer('N', 'context that plans are made for, in tokens (default 256)', 1),
  json: toggle('print one JSON object'),
}

/** Prompts that the measurement decodes; the first warms up and does not count. */
const PROMPTS = ['Say hello.', 'How does rain form?', 'Name three uses of salt.', 'Why do leaves fall in autumn?']
const TOKENS = 100

/** Tokens a second of the answers, prompts left out; trees: with the planned tree of the model draft, null where that is plain decoding. */
interface Rates {
  plain: number
  tree: number | null
}

interface Measured extends Rates {
  /** The tree's tokens a step. */
  tokensPerStep: number
  /** Mean context of the answers' tokens. */
  context: number
  /** What the times of passes say of these answers: at their context, for as many tokens a step. */
  predicted: Rates
}

export const tune: Command = {
  name: 'tune',
  summary: 'say what was measured on this machine and which tree follows from it',
  usage: 'tune [flags] [--json]',
  flags,
  async run(argv) {
    const { values } = parse(flags, argv, null)
    const engine = await openByFlags(values)
    try {
      const tuning = engine.tuning(values.context)
      const measured = await measure(engine, tuning)
      const machine = { cpu: cpus()[0]?.model ?? 'unknown', cores: cpus().length }
      const { model, format, runtime, draft } = engine.info
      console.log(values.json ? JSON.stringify({ model, format, runtime, draftName: draft, machine, ...tuning, measured }) : told(engine, tuning, measured))
      return 0
    } finally {
      await engine.close()
    }
  },
}

/** Ways take turns answer by answer, so that a machine that slows down slows both. */
async function measure(engine: Engine, tuning: Tuning): Promise<Measured> {
  const { parents } = tuning.plan.greedy
  const [plain, tree] = [newSums(), newSums()]
  let context = 0
  for (const [i, content] of PROMPTS.entries()) {
    const counts = i > 0
    context += await decode(engine, content, { draft: 'none' }, counts ? plain : newSums())
    if (parents.length > 1) await decode(engine, content, { draft: 'model', tree: parents }, counts ? tree : newSums())
  }
  const mean = Math.round(context / PROMPTS.length)
  const { plainTokensPerSecond, plan } = engine.tuning(mean, parents)
  const tokensPerStep = tree.steps > 0 ? tree.tokens / tree.steps : 1
  return {
    plain: rateOf(plain),
    tree: tree.steps > 0 ? rateOf(tree) : null,
    tokensPerStep,
    context: mean,
    predicted: { plain: plainTokensPerSecond, tree: tree.steps > 0 ? (1000 * tokensPerStep) / plan.greedy.msPerStep : null },
  }
}

interface Sums {
  tokens: number
  steps: number
  ms: number
}

const newSums = (): Sums => ({ tokens: 0, steps: 0, ms: 0 })
const rateOf = ({ tokens, ms }: Sums): number => (1000 * tokens) / ms

/** Answers a prompt, adds to `sums`, and returns the mean context. */
async function decode(engine: Engine, content: string, how: { draft: string; tree?: number[] }, sums: Sums): Promise<number> {
  let context = 0
  for await (const { stats } of engine.generate({ ...asked(engine, content), maxTokens: TOKENS, ...how })) {
    if (!stats) continue
    sums.tokens += stats.tokens
    sums.steps += stats.steps
    sums.ms += stats.decodeMs
    context = stats.promptTokens + stats.tokens / 2
  }
  return context
}

/** As a chat turn where the model has a template. */
function asked(engine: Engine, content: string): Pick<GenerateRequest, 'messages' | 'prompt'> {
  const messages = [{ role: 'user' as const, content }]
  try {
    engine.encode({ messages })
    return { messages }
  } catch (error) {
    if (error instanceof InvalidArgumentError) return { prompt: content }
    throw error
  }
}

function told(engine: Engine, tuning: Tuning, measured: Measured): string {
  const { greedy, sampled } = tuning.plan
  const rate = (value: number | null): string => (value === null ? 'not measured' : `${value.toFixed(1)} tokens/s`)
  const tree = (label: string, { nodes, depth, tokensPerSecond }: Tuning['plan']['greedy']): string =>
    nodes === 1 ? `${label}: no tree, ${rate(tokensPerSecond)} predicted` : `${label}: ${nodes} nodes on ${depth} levels, ${rate(tokensPerSecond)} predicted`
  return [
    `${engine.info.model} (${engine.info.format}, ${engine.info.runtime}), draft ${engine.info.draft}`,
    tuning.summary,
    `target, ms: ${rowsOf(tuning.target)}`,
    ...(tuning.draft ? [`draft, ms: ${rowsOf(tuning.draft)}`] : []),
    tree('greedy', greedy),
    tree('sampled', sampled),
    `measured on ${PROMPTS.length - 1} prompts at about ${measured.context} tokens, greedy: plain ${rate(measured.plain)} (${rate(measured.predicted.plain)} predicted), ` +
      `tree ${rate(measured.tree)} at ${measured.tokensPerStep.toFixed(2)} tokens a step (${rate(measured.predicted.tree)} predicted)`,
  ].join('\n')
}

function rowsOf({ rows, contexts, ms }: PassTable): string {
  return rows.map((n, i) => `n=${n} ${contexts.map((context, j) => `${ms[i][j].toFixed(1)} at ${context}`).join(', ')}`).join('; ')
}
