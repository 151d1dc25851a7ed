/**
 * An engine that counts in place of decoding, at a pace: part i of an answer is the token i and a text made of the seed
 * and i. It goes on behind `resume` as a real one does.
 */
import type { GeneratePart } from '../../../src/api/answer.js'
import type { Generates } from '../../../src/api/generates.js'
import type { GenerateRequest } from '../../../src/api/request.js'
import { SequoiaError } from '../../../src/spec/errors.js'
import { scriptedEngine } from '../../support/scripted-engine.js'

export interface CountingEngine extends Generates {
  /** Answers under way. */
  open: number
  /** Tokens made, those of `resume` left out. */
  made: number
}

export const textOf = (seed: bigint | number, tokens: number): string =>
  Array.from({ length: tokens }, (_, i) => `${seed}.${i} `).join('')

/** `pace` is awaited before each token; the prompt `fail` fails behind its second token. */
export function countingEngine(fingerprint: string, pace: () => Promise<void>): CountingEngine {
  const { info } = scriptedEngine()
  const engine: CountingEngine = {
    ...scriptedEngine(),
    info: { ...info, model: 'counting', fingerprint },
    open: 0,
    made: 0,
    async *generate(request: GenerateRequest): AsyncGenerator<GeneratePart, void, undefined> {
      engine.open++
      try {
        const count = request.maxTokens ?? 8
        for (let i = request.resume?.length ?? 0; i < count; i++) {
          await pace()
          if (request.prompt === 'fail' && i === 2) throw new SequoiaError('context_overflow', 'too long')
          if (request.signal?.aborted) return void (yield { text: '', tokens: [], accepted: 0, finishReason: 'abort' })
          engine.made++
          const text = `${request.seed}.${i} `
          yield { text, tokens: [i], accepted: 0, ...(i === count - 1 ? { finishReason: 'length' } : {}) }
        }
      } finally {
        engine.open--
      }
    },
  }
  return engine
}
