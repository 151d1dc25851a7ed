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

interface Measured {
  /** Tokens a second of the answers, prompts left out. */
  plain: number
  /** With the planned tree of the model draft; null where that is plain decoding. */
  tree: number | null
  /** The tree's tokens a step. */
  tokensPerStep: number
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

async function measure(engine: Engine, { plan }: Tuning): Promise<Measured> {
  const { parents } = plan.greedy
  const plain = await decode(engine, { draft: 'none' })
  const tree = parents.length > 1 ? await decode(engine, { draft: 'model', tree: parents }) : null
  return { plain: plain.rate, tree: tree?.rate ?? null, tokensPerStep: tree?.tokensPerStep ?? 1 }
}

async function decode(engine: Engine, how: { draft: string; tree?: number[] }): Promise<{ rate: number; tokensPerStep: number }> {
  let [tokens, steps, ms] = [0, 0, 0]
  for (const [i, content] of PROMPTS.entries()) {
    for await (const { stats } of engine.generate({ ...asked(engine, content), maxTokens: TOKENS, ...how })) {
      if (!stats || i === 0) continue
      tokens += stats.tokens
      steps += stats.steps
      ms += stats.decodeMs
    }
  }
  return { rate: (1000 * tokens) / ms, tokensPerStep: tokens / steps }
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
    `measured on ${PROMPTS.length - 1} prompts, greedy: plain ${rate(measured.plain)} (${rate(tuning.plainTokensPerSecond)} predicted), tree ${rate(measured.tree)}, ${measured.tokensPerStep.toFixed(2)} tokens a step`,
  ].join('\n')
}

function rowsOf({ rows, contexts, ms }: PassTable): string {
  return rows.map((n, i) => `n=${n} ${contexts.map((context, j) => `${ms[i][j].toFixed(1)} at ${context}`).join(', ')}`).join('; ')
}
