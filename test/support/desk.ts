/**
 * What the decode loop works with, without a model: a `RecordingForward`, whose greedy answer is token 0 after
 * every text, a tokenizer of the letters a, b, c, and drafts that are told what to guess.
 */
import { Admission } from '../../src/engine/admission.js'
import { Batch } from '../../src/engine/batch.js'
import type { EngineParts } from '../../src/engine/parts.js'
import { Prompts } from '../../src/engine/prompts.js'
import { checkRequest } from '../../src/engine/check-request.js'
import { Run } from '../../src/engine/run.js'
import type { Sequence } from '../../src/engine/sequence.js'
import type { StepContext } from '../../src/engine/step.js'
import type { GenerateRequest } from '../../src/api/types.js'
import { Core } from '../../src/core/index.js'
import { Recorder } from '../../src/observe/recorder.js'
import { ModelRunner } from '../../src/passes/model-runner.js'
import type { DraftSession, Drafter } from '../../src/strategies/drafter.js'
import { rootTree, type DraftTree } from '../../src/strategies/tree.js'
import type { Tokenizer } from '../../src/text/text.js'
import { verifiers } from '../../plugins/verifiers/index.js'
import { speculationOf, TIMES } from '../speculation/support/builders.js'
import { RecordingForward } from './recording-forward.js'
import { scriptedEngine } from './scripted-engine.js'

const LETTERS = 'abc'
const LIMITS = { maxRows: 64, maxLogitRows: 64, maxSlots: 128, maxLanes: 4 }

export const letters: Tokenizer = {
  vocabSize: LETTERS.length,
  mostBytes: 1,
  encode: (text) => Array.from(text, (letter) => LETTERS.indexOf(letter)),
  bytes: (token) => new TextEncoder().encode(LETTERS[token]),
  decode: (tokens) => Array.from(tokens, (token) => LETTERS[token]).join(''),
  idOf: () => undefined,
}

/** Guesses the tree it is told to; `calls`: what it was asked to do, in order. */
export class ToldDrafter implements Drafter {
  readonly name = 'told'
  readonly growth = 'deterministic'
  readonly calls: string[] = []
  /** What comes of the next draft. */
  tree: Promise<DraftTree> = Promise.resolve(rootTree(0))

  begin(): DraftSession {
    const { calls } = this
    return {
      prepare: async (history) => void calls.push(`prepare ${history.length}`),
      draft: () => this.tree,
      commit: ({ path, token }) => void calls.push(`commit ${path.join()}:${token}`),
      release: () => void calls.push('release'),
    }
  }

  ended(text: readonly number[]): void {
    this.calls.push(`ended ${text.join()}`)
  }

  async dispose(): Promise<void> {}
}

/** A tree of these tokens, each below the one of the given index. */
export function treeOf(tokens: readonly number[], parents: readonly number[]): DraftTree {
  const depths: number[] = []
  for (const parent of parents) depths.push(parent < 0 ? 0 : depths[parent] + 1)
  return { tokens: Int32Array.from(tokens), parents: Int32Array.from(parents), depths: Int32Array.from(depths) }
}

export class Desk {
  readonly forward = new RecordingForward({ slots: 16 })
  readonly target = new ModelRunner(Core.load(), this.forward, LIMITS, { busyMs: 0 })
  readonly drafter = new ToldDrafter()
  readonly parts: EngineParts
  readonly context: StepContext
  readonly batch: Batch
  readonly admission: Admission

  constructor(given: { stopTokens?: readonly number[]; limits?: Partial<EngineParts['limits']> } = {}) {
    const recorder = new Recorder()
    const speculation = speculationOf()
    this.parts = {
      info: { ...scriptedEngine({ texts: [] }).info, vocabSize: LETTERS.length },
      models: { target: this.target, apart: null, runners: [this.target] },
      text: {
        tokenizer: letters,
        speaking: letters,
        template: null,
        bosToken: null,
        source: null,
        stopTokens: given.stopTokens ?? [],
      },
      strategies: { drafters: new Map([['told', this.drafter]]), defaultDraft: 'told', verifiers },
      speculation,
      timing: {
        passes: [],
        tuning: scriptedEngine({ texts: [] }).tuning,
        keeper: { keep: async () => {}, keepUp: () => {} },
      },
      limits: {
        maxBatch: 2,
        maxQueue: 1,
        timeoutMs: undefined,
        prefixCacheBytes: 1 << 20,
        cells: null,
        ...given.limits,
      },
      recorder,
    }
    this.context = { target: this.target, speculation, tokenizer: letters, recorder }
    const prompts = new Prompts(this.target, null, TIMES, recorder)
    this.batch = new Batch(this.context, [this.target], LIMITS.maxRows, prompts)
    this.admission = new Admission(this.parts, this.batch)
  }

  run(request: Partial<GenerateRequest> & { promptTokens: readonly number[] }): Run {
    const checked = checkRequest(request, { maxNodes: 16, vocabSize: LETTERS.length, verifiers, defaults: {} })
    const record = this.parts.recorder.request(request, request.promptTokens.length, 'told')
    const drafter = request.draft === 'none' ? null : this.drafter
    return new Run({
      request: checked,
      prompt: request.promptTokens,
      drafter,
      record,
      thinking: null,
      timeoutMs: checked.timeoutMs,
    })
  }

  /** A sequence after the one token `c`, so that nothing is to be read before its first step. */
  begin(request: Partial<GenerateRequest> = {}): Promise<Sequence> {
    return this.admission.sequences.begin(this.run({ promptTokens: [2], ...request }), null)
  }
}

/** The error that `work` ends in. */
export async function errorOf(work: () => unknown): Promise<Error & { param?: string; code?: string }> {
  try {
    await work()
  } catch (error) {
    return error as Error
  }
  throw new Error('it did not fail')
}
