/**
 * A process of its own that opens a target in a budget of memory, answers prompts, four at a time, and prints what it
 * said and the most memory it took. Linux only. Argument: JSON of `StreamedRun`.
 */
import { readFileSync } from 'node:fs'
import { openEngine } from '../../src/index.js'
import type { EngineInfo } from '../../src/api/types.js'

export interface StreamedRun {
  target: string
  memory: string
  prompts: string[]
  maxTokens: number
}

export interface StreamedOutcome {
  streamed: NonNullable<EngineInfo['streamed']>
  /** Token ids of each prompt's answer. */
  answers: number[][]
  /** Most resident bytes of the process, from start to end. */
  peakBytes: number
  mostRunning: number
}

async function main({ target, memory, prompts, maxTokens }: StreamedRun): Promise<void> {
  const engine = await openEngine({ target, memory })
  let mostRunning = 0
  const answer = async (content: string): Promise<number[]> => {
    const tokens: number[] = []
    for await (const part of engine.generate({ messages: [{ role: 'user', content }], maxTokens })) {
      tokens.push(...part.tokens)
      mostRunning = Math.max(mostRunning, engine.usage().running)
    }
    return tokens
  }
  const answers: number[][] = []
  for (let i = 0; i < prompts.length; i += 4) answers.push(...(await Promise.all(prompts.slice(i, i + 4).map(answer))))
  const [, kilobytes] = /VmHWM:\s+(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8'))!
  const outcome: StreamedOutcome = {
    streamed: engine.info.streamed!,
    answers,
    peakBytes: 1024 * Number(kilobytes),
    mostRunning,
  }
  await engine.close()
  process.stdout.write(JSON.stringify(outcome))
}

void main(JSON.parse(process.argv[2]) as StreamedRun)
