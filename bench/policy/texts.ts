/**
 * Real texts (`answers.json`) replayed: n-grams guess at them as they do in an engine, by themselves or beside a model
 * whose children are right as often as was measured. The policy decides; steps take what a table of passes says.
 */
import { mergedDrafter } from '../../plugins/drafters/merged.js'
import { ngramDrafter } from '../../plugins/drafters/ngram.js'
import type { Core } from '../../src/core/index.js'
import { passMs } from '../../src/speculation/pass-times.js'
import type { Drafter, DraftRequest, PassingDraftSession } from '../../src/strategies/drafter.js'
import type { Plan } from '../../src/strategies/plan.js'
import { childWith, rootTree, type DraftTree } from '../../src/strategies/tree.js'
import { depthsOf } from '../../src/core/choose-plan.js'
import { uniforms } from '../uniforms.js'
import answers from './answers.json' with { type: 'json' }
import { drawnRank, speculationIn } from './replay.js'
import { draftMs, LIMITS, noisy, OVERHEAD_MS, samplingOf, type Scene, type Vectors } from './scenes.js'

/** What guesses. */
export const DRAFTS = ['ngram', 'merged'] as const

/** Speed of each text, plain decoding's is 1. */
export function textRatios(core: Core, scene: Scene, draft: (typeof DRAFTS)[number], seed: number): number[] {
  const { times, vectors, kind } = scene
  const random = uniforms(seed)
  const known: { tokens: readonly number[] } = { tokens: [] }
  const guesses = ngramDrafter()
  const drafter = draft === 'ngram' ? guesses : mergedDrafter(replayed(vectors, known, random), guesses)
  const speculation = speculationIn(core, scene)
  const request: DraftRequest = { sampling: samplingOf(kind), key: { seed: 1n, choice: 0 }, draws: 'coupled' }
  return answers[kind].map(({ prompt, answer }) => {
    known.tokens = [...prompt, ...answer]
    const state = speculation.begin({ sampling: request.sampling, maxNodes: LIMITS.maxNodes }, drafter, 0)
    const session = drafter.begin(request) as PassingDraftSession
    let [ms, plainMs] = [0, 0]
    for (let length = prompt.length; length < known.tokens.length;) {
      const left = known.tokens.length - length
      const [plan] = speculation.plan([{ state, context: length, left }])
      const tree = drafted(session, known.tokens.slice(0, length), plan, left)
      const path = walked(tree, known.tokens, length)
      if (tree.parents.length > 1) session.commit({ path, token: known.tokens[length + path.length] })
      const stepMs = noisy(msOf(scene, tree, length), random)
      const emitted = path.length + 1
      length += emitted
      speculation.observe([{ state, tree, path, emitted, context: length }], stepMs)
      ms += stepMs
      plainMs += emitted * (passMs(times, 1, length) + OVERHEAD_MS)
    }
    session.release()
    speculation.end(state)
    return plainMs / ms
  })
}

function drafted(session: PassingDraftSession, history: readonly number[], plan: Plan, left: number): DraftTree {
  if ((plan.maxNodes === 1 && !plan.guess) || left <= 1) return rootTree(history[history.length - 1])
  const { done, value } = session.draft(history, plan).next()
  if (!done) throw new Error('a replayed draft takes no pass')
  return value
}

function walked(tree: DraftTree, tokens: readonly number[], length: number): Int32Array {
  const path: number[] = []
  for (let node = 0; length + path.length < tokens.length - 1;) {
    node = childWith(tree, node, tokens[length + path.length])
    if (node < 0) break
    path.push(node)
  }
  return Int32Array.from(path)
}

/** Guesses take no pass of a draft. */
function msOf({ times, slower }: Scene, { parents, depths, q, guessed }: DraftTree, context: number): number {
  const widths: number[] = []
  if (q) depths.forEach((depth, node) => (widths[depth] = (widths[depth] ?? 0) + (guessed?.[node] ? 0 : 1)))
  while (widths[widths.length - 1] === 0) widths.pop()
  const ms = passMs(times, parents.length, context) + draftMs(Math.max(0, widths.length - 1), widths) + OVERHEAD_MS
  return (parents.length > 1 ? slower : 1) * ms
}

/** A model whose children are right as often as the vectors say. */
function replayed(
  vectors: Vectors,
  known: { readonly tokens: readonly number[] },
  random: () => number,
): Drafter<PassingDraftSession> {
  const session: PassingDraftSession = {
    prepare: async () => {},
    // oxlint-disable-next-line require-yield -- what it knows takes no pass
    *draft(history, { shape }) {
      const { parents } = shape!
      const tokens = new Int32Array(parents.length)
      const depths = Int32Array.from(depthsOf(parents))
      tokens[0] = history[history.length - 1]
      const ranks = new Int32Array(parents.length)
      let right = { node: 0, rank: drawnRank(vectors, 0, random) }
      for (let node = 1; node < parents.length; node++) {
        const rank = ranks[parents[node]]++
        const isRight = parents[node] === right.node && rank === right.rank
        // What is wrong is no token at all.
        tokens[node] = isRight ? (known.tokens[history.length + depths[node] - 1] ?? -1) : -1 - node
        if (isRight) right = { node, rank: drawnRank(vectors, depths[node], random) }
      }
      return {
        parents,
        tokens,
        depths,
        ...(parents.length > 1 && { q: { logitsPtr: 0, rows: new Int32Array(parents.length) } }),
      }
    },
    commit: () => {},
    release: () => {},
  }
  return { name: 'model', growth: 'static', draftMs, begin: () => session, dispose: async () => {} }
}
