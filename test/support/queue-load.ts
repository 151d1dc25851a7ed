/** Requests with known texts, read over a queue again and again while a test harms what is behind it. */
import * as assert from 'uvu/assert'
import type { Generates, GenerateRequest } from '../../src/api/types.js'
import { engineFor } from './engines.js'
import { seeded } from './random-llama.js'

export interface Ask {
  request: GenerateRequest
  /** The undisturbed text of its seed. */
  text: string
}

const PROMPTS = ['This package is', '# API\n\n## Usage\n\n', 'Install with npm. ', '- [ ] one\n- [ ] two\n- [ ]']

/** So many requests of a model, whose texts an engine of this process wrote. */
export async function asks(target: string, count: number, maxTokens: number): Promise<Ask[]> {
  const engine = await engineFor({ target })
  const requests = Array.from({ length: count }, (_, i): GenerateRequest => ({
    prompt: PROMPTS[i % PROMPTS.length],
    maxTokens,
    temperature: i % 3 === 0 ? 0 : 0.9,
    seed: i,
    ignoreEos: true,
  }))
  return Promise.all(
    requests.map(async (request) => {
      let text = ''
      for await (const part of engine.generate(request)) text += part.text
      return { request, text }
    }),
  )
}

export interface Seen {
  answers: number
  /** Longest pause between two parts of one answer, milliseconds. */
  longestPauseMs: number
}

/** Streams that ask again and again until `until()` says so. Throws for a text that is not that of its seed. */
export async function readAll(
  engine: Generates,
  choices: readonly Ask[],
  streams: number,
  until: () => boolean,
): Promise<Seen> {
  const random = seeded(28)
  const seen = { answers: 0, longestPauseMs: 0 }
  const stream = async (): Promise<void> => {
    do {
      const { request, text } = choices[Math.floor(random() * choices.length)]
      let read = ''
      let tokens = 0
      let last: number | null = null
      for await (const part of engine.generate(request)) {
        read += part.text
        tokens += part.tokens.length
        if (last !== null) seen.longestPauseMs = Math.max(seen.longestPauseMs, performance.now() - last)
        last = performance.now()
      }
      assert.is(tokens, request.maxTokens)
      assert.is(read, text, `seed ${request.seed}`)
      seen.answers++
    } while (!until())
  }
  await Promise.all(Array.from({ length: streams }, stream))
  return seen
}
