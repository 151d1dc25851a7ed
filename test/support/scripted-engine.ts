/**
 * A stand-in for an engine that says what a test tells it to, for tests of the protocol alone: it decodes nothing.
 * Suites about behaviour with a model use the micro pair.
 */
import { EventEmitter } from 'node:events'
import type { Engine, GeneratePart, GenerateRequest, GenerateStats } from '../../src/api/types.js'

export interface Script {
  /** Texts of the parts, one token each. */
  texts?: readonly string[]
  /** What is thought ahead of them, a token each. */
  thoughts?: readonly string[]
  /** Thrown instead of part number `at` (default 0). */
  error?: { thrown: Error; at?: number }
  /** Awaited before each part. */
  pace?: (part: number) => Promise<void>
  finish?: 'stop' | 'length'
}

export interface ScriptedEngine extends Engine {
  /** Requests as they came in. */
  requests: GenerateRequest[]
  /** Streams that began and have not ended. */
  open: number
  /** Parts handed out over all streams. */
  parts: number
}

export function scriptedEngine({
  texts = ['Hello', ', ', 'world'],
  thoughts = [],
  error,
  pace,
  finish = 'stop',
}: Script = {}): ScriptedEngine {
  const engine: ScriptedEngine = {
    info: {
      model: 'scripted',
      format: 'fp32',
      formatReason: 'fp32: it was asked for',
      device: 'cpu',
      runtime: 'portable',
      draft: 'none',
      draftReason: 'none: it was asked for',
      drafts: [],
      maxContext: 1024,
      maxRequests: 64,
      vocabSize: 100,
      sampling: {},
      thinks: false,
      maxBatch: 8,
      fingerprint: 'scripted',
      bitExact: true,
      streamed: null,
      plan: 'none',
    },
    requests: [],
    open: 0,
    parts: 0,
    async *generate(request: GenerateRequest): AsyncGenerator<GeneratePart, void, undefined> {
      engine.requests.push(request)
      engine.open += 1
      request.onAccepted?.()
      try {
        for (const reasoning of thoughts) yield { text: '', reasoning, tokens: [99], accepted: 0 }
        for (const [i, text] of texts.entries()) {
          await pace?.(i)
          if (error && (error.at ?? 0) === i) throw error.thrown
          const aborted = request.signal?.aborted
          const last = aborted || i === texts.length - 1
          engine.parts += 1
          yield {
            text,
            tokens: [i],
            accepted: 0,
            ...(last && {
              finishReason: aborted ? 'abort' : finish,
              stats: { ...stats(thoughts.length + i + 1), reasoningTokens: thoughts.length },
            }),
          }
          if (aborted) return
        }
      } finally {
        engine.open -= 1
      }
    },
    tuning: () => {
      throw new Error('a scripted engine is not tuned')
    },
    calibrate: async () => {
      throw new Error('a scripted engine is not tuned')
    },
    fault: async () => null,
    usage: () => ({ slotsUsed: engine.open, slots: 8, running: engine.open, waiting: 0 }),
    events: new EventEmitter(),
    stats: () => {
      throw new Error('a scripted engine counts nothing')
    },
    encode: async () => [1, 2, 3, 4, 5, 6, 7],
    close: async () => {},
  }
  return engine
}

function stats(tokens: number): GenerateStats {
  return {
    promptTokens: 7,
    cachedTokens: 0,
    tokens,
    reasoningTokens: 0,
    steps: tokens,
    tokensPerStep: 1,
    prefillMs: 1,
    decodeMs: tokens,
    drafts: 2,
    acceptedLengths: [1, 0, 1],
    drafted: 5,
    accepted: 2,
    planNodes: 1,
    planDepth: 0,
    overhead: 0,
    queueMs: 0,
    firstTokenMs: 1,
    generationMs: tokens - 1,
  }
}
