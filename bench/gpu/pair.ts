/** A real model and its draft on the GPU: what is there, and whether trees give the tokens of plain decoding. */
import { openEngine } from '../../src/index.js'
import type { GenerateRequest } from '../../src/api/types.js'
import { gpuFacts } from '../../src/cli/gpu.js'
import { collect, TREES } from '../../test/support/equality.js'
import prompts from '../prompts.json' with { type: 'json' }
import type { Kit, Part } from './kit.js'

export const facts: Part = async (kit) => kit.record('facts', await gpuFacts())

const SAMPLINGS: Readonly<Record<string, Partial<GenerateRequest>>> = {
  greedy: { temperature: 0 },
  'coupled, T = 0.8': { temperature: 0.8, seed: 7 },
}
const SHAPES: Readonly<Record<string, Partial<GenerateRequest>>> = {
  planned: {},
  binary: { tree: [...TREES.binary] },
}

type Answer = Awaited<ReturnType<typeof collect>>

/** In a format. */
export const equality =
  (format: string): Part =>
  async (kit) => {
    const engine = await openEngine({
      target: kit.pair,
      device: 'cuda',
      format,
      cacheDir: kit.cacheDir,
      maxContext: kit.isTiny ? kit.maxContext : 1024,
      maxBatch: 1,
    })
    try {
      const { bitExact, draft } = engine.info
      kit.record(`equality in ${format}, opened`, { bitExact, draft })
      const rows: object[] = []
      for (const [sampling, how] of Object.entries(SAMPLINGS)) {
        const plain: Answer[] = []
        for (const request of requests(kit, how)) plain.push(await collect(engine, { ...request, draft: 'none' }))
        for (const [shape, tree] of Object.entries(SHAPES)) {
          const [different, steps, tokens] = [[] as number[], [] as number[], [] as number[]]
          for (const [i, request] of requests(kit, how).entries()) {
            const answer = await collect(engine, { ...request, ...tree })
            const at = answer.tokens.findIndex((token, place) => token !== plain[i].tokens[place])
            if (at >= 0) different.push(at)
            steps.push(answer.stats.steps)
            tokens.push(answer.tokens.length)
          }
          const sum = (list: readonly number[]): number => list.reduce((total, one) => total + one, 0)
          rows.push({
            sampling,
            tree: shape,
            answers: plain.length,
            'equal to plain': plain.length - different.length,
            'first different token': different.join(' '),
            'tokens a step': sum(tokens) / sum(steps),
          })
          kit.record(`equality in ${format}`, rows)
        }
      }
    } finally {
      await engine.close()
    }
  }

function requests({ prompts: count, tokens }: Kit, how: Partial<GenerateRequest>): GenerateRequest[] {
  return prompts.chat.slice(0, count).map((content) => ({
    messages: [{ role: 'user' as const, content }],
    maxTokens: tokens.pair,
    ignoreEos: true,
    ...how,
  }))
}
