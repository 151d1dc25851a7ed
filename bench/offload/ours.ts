/**
 * Our engine as a process of its own: one JSON request a line, one JSON line back, errors included. `{ open:
 * OpenRequest }` -> EngineInfo; `{ generate: GenerateRequest }` -> Answer. `Infinity` does not survive JSON: no
 * `memory` is no limit.
 */
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { progressLines } from '../../src/common/progress-lines.js'
import type { Engine, EngineOptions, GenerateRequest, GenerateStats } from '../../src/api/types.js'
import { passMs, type PassTimes } from '../../src/speculation/pass-times.js'
import { openEngine } from '../../src/index.js'
import { loadOrtApi } from '../../src/runtime/binding/api.js'
import { replayDrafter } from './replay-drafter.js'

/** An acceptance vector to replay, and what passes of the draft that it stands for take. */
export interface ReplayRequest {
  name: string
  vectors: number[][]
  token: number
  draftTimes: PassTimes
  maxDepth: number
}

export type OpenRequest = Omit<EngineOptions, 'drafters' | 'onProgress'> & { replays?: ReplayRequest[] }

export interface Answer {
  tokens: number[]
  stats: GenerateStats
  /**
   * Of each step: its tokens, milliseconds since the one before (the first: since the request came), and bytes read
   * from the disk in them.
   */
  steps: { tokens: number; ms: number; bytes: number }[]
}

async function open({ replays = [], ...options }: OpenRequest): Promise<Engine> {
  const drafters = replays.map(({ vectors, draftTimes, ...replay }) =>
    replayDrafter({
      ...replay,
      vectors: vectors.map((vector) => Float64Array.from(vector)),
      levelMs: (width) => passMs(draftTimes, width, 0),
    }),
  )
  return openEngine({ ...options, drafters, onProgress: progressLines((line) => console.error(line)) })
}

async function generate(engine: Engine, request: GenerateRequest): Promise<Answer> {
  const answer: Omit<Answer, 'stats'> = { tokens: [], steps: [] }
  let stats: GenerateStats | undefined
  let last = { ms: performance.now(), bytes: bytesRead() }
  for await (const part of engine.generate(request)) {
    answer.tokens.push(...part.tokens)
    const now = { ms: performance.now(), bytes: bytesRead() }
    if (part.tokens.length > 0)
      answer.steps.push({ tokens: part.tokens.length, ms: now.ms - last.ms, bytes: now.bytes - last.bytes })
    last = now
    stats = part.stats ?? stats
  }
  return { ...answer, stats: stats! }
}

function bytesRead(): number {
  return Number(/^read_bytes: (\d+)$/m.exec(readFileSync('/proc/self/io', 'utf8'))![1])
}

async function main(): Promise<void> {
  await loadOrtApi()
  const reply = (answer: object): unknown => process.stdout.write(`${JSON.stringify(answer)}\n`)
  reply({ ready: true })
  let engine: Engine | undefined
  for await (const line of createInterface({ input: process.stdin })) {
    const request = JSON.parse(line) as { open?: OpenRequest; generate?: GenerateRequest }
    try {
      if (request.open) {
        engine = await open(request.open)
        reply(engine.info)
      } else reply(await generate(engine!, request.generate!))
    } catch (error) {
      reply({ error: error instanceof Error ? error.message : String(error) })
    }
  }
  await engine?.close()
}

void main()
