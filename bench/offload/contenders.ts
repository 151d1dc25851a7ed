/**
 * Who decodes a model that is larger than the memory it may use, each in a process of its own under the limit: our
 * engine, node-llama-cpp, Accelerate.
 */
import { tmpdir } from 'node:os'
import { fileURLToPath } from 'node:url'
import type { EngineInfo, GenerateRequest } from '../../src/api/types.js'
import { bestThreads } from '../peers/best-threads.js'
import { LlamaPeer, llamaCommand } from '../peers/llama-peer.js'
import { LimitedProcess, type Limit, type Usage } from './limited-process.js'
import type { Answer, OpenRequest } from './ours.js'

const fileOf = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

/** Decoding of some answers, from the end of each one's first step on: prompts are left out. */
export interface Decoded {
  tokens: number
  ms: number
  /** Read from the disk. */
  bytes: number
  /** Steps, where there are such that give several tokens. */
  steps?: number
  usage: Usage
}

/** What a contender did, or why it could not. */
export type Outcome<T = Decoded> = { way: string } & ({ done: T } | { failed: string })

/** Our engine's, with what it said of itself. */
export interface Ours extends Decoded {
  info: EngineInfo
  answers: Answer[]
}

const OURS = [process.execPath, ...process.execArgv, fileOf('ours.ts')]

/** Opens it twice: without a limit first, for import and calibration, and for what the engine itself calls idle. */
export async function ours(
  way: string,
  limit: Omit<Limit, 'preparedBytes'>,
  open: OpenRequest,
  requests: readonly GenerateRequest[],
): Promise<Outcome<Ours>> {
  const preparedBytes = await prepare(limit, open)
  return under(way, { ...limit, preparedBytes }, OURS, async (child) => {
    const info = await child.ask<EngineInfo>({ open })
    const answers: Answer[] = []
    for (const generate of requests) answers.push(await child.ask<Answer>({ generate }))
    const later = answers.flatMap(({ steps }) => steps.slice(1))
    return { info, answers, ...sum(later), steps: later.length }
  })
}

/** Bytes that the engine counts as idle and that it takes only at opening. */
async function prepare(limit: Limit, open: OpenRequest): Promise<number> {
  const child = await LimitedProcess.start(OURS, { ...limit, budgetBytes: Infinity })
  try {
    const { streamed } = await child.ask<EngineInfo>({ open })
    return streamed ? Math.max(0, streamed.idleBytes - child.usage.idleBytes) : 0
  } finally {
    await child.close()
  }
}

/** A prompt as tokens, and how many to decode after it. */
export interface Prompt {
  tokens: readonly number[]
  maxTokens: number
}

/** What a peer's process says of one answer: `bytes` were read after the first token. */
interface PeerAnswer {
  tokens: number
  firstMs: number
  ms: number
  bytes: number
}

/** With each number of threads; what it did with its best. Null where it is not installed. */
export async function llama(limit: Limit, gguf: string, prompts: readonly Prompt[]): Promise<Outcome | null> {
  if (!LlamaPeer.isInstalled()) return null
  // As little as these answers need: buffers are part of the budget.
  const sizes = { contextSize: 512, batchSize: 64 }
  const outcomes = new Map<number, Outcome>()
  const msPerToken = async (threads: number): Promise<number> => {
    const outcome: Outcome = await under(
      `node-llama-cpp, mmap, ${threads} thread(s)`,
      limit,
      llamaCommand(threads),
      (child) =>
        answersOf(
          child,
          { open: gguf, ...sizes },
          prompts.map((prompt) => ({ ...prompt, temperature: 0, seed: 1, lookup: false })),
        ),
    )
    outcomes.set(threads, outcome)
    return 'done' in outcome ? outcome.done.ms / outcome.done.tokens : Infinity
  }
  const threads = await bestThreads(msPerToken)
  return outcomes.get(threads)!
}

/** How much of the budget weights may take, from most to least: what is left must do for one layer and activations. */
const SHARES = [0.5, 0.3]

/** `python`: one that has transformers and accelerate. Takes the largest share that it survives with. */
export async function accelerate(
  limit: Limit,
  python: string,
  folder: string,
  prompts: readonly Prompt[],
): Promise<Outcome> {
  let outcome: Outcome
  let i = 0
  do {
    const open = { open: folder, cpu_bytes: Math.floor(SHARES[i] * limit.budgetBytes), offload: tmpdir() }
    outcome = await under(
      'Accelerate, disk offload',
      limit,
      [python, fileOf('../peers/accelerate_offload.py')],
      (child) =>
        answersOf(
          child,
          open,
          prompts.map(({ tokens, maxTokens }) => ({ tokens, max_tokens: maxTokens })),
        ),
    )
  } while ('failed' in outcome && ++i < SHARES.length)
  return outcome
}

async function answersOf(
  child: LimitedProcess,
  open: object,
  requests: readonly object[],
): Promise<Omit<Decoded, 'usage'>> {
  await child.ask(open)
  const answers: PeerAnswer[] = []
  for (const request of requests) answers.push(await child.ask<PeerAnswer>(request))
  return sum(answers.map(({ tokens, ms, firstMs, bytes }) => ({ tokens: tokens - 1, ms: ms - firstMs, bytes })))
}

function sum(parts: readonly { tokens: number; ms: number; bytes: number }[]): {
  tokens: number
  ms: number
  bytes: number
} {
  const total = (pick: (part: (typeof parts)[number]) => number): number =>
    parts.reduce((all, part) => all + pick(part), 0)
  return { tokens: total(({ tokens }) => tokens), ms: total(({ ms }) => ms), bytes: total(({ bytes }) => bytes) }
}

async function under<T extends Omit<Decoded, 'usage'>>(
  way: string,
  limit: Limit,
  command: readonly string[],
  measure: (child: LimitedProcess) => Promise<T>,
): Promise<Outcome<T & { usage: Usage }>> {
  const child = await LimitedProcess.start(command, limit)
  try {
    const measured = await measure(child)
    console.log(`${way}: ${(measured.ms / measured.tokens / 1000).toFixed(2)} s a token`)
    return { way, done: { ...measured, usage: child.usage } }
  } catch (error) {
    const failed = (error as Error).message
    console.log(`${way}: ${failed}`)
    return { way, failed }
  } finally {
    await child.close()
  }
}
