/**
 * Real texts (`answers.json`) replayed: n-grams guess at them as they do in an engine, by themselves or beside a model
 * whose draws were recorded at every place. The policy decides; steps take what a table of passes says.
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
import heldOut from './held-out-answers.json' with { type: 'json' }
import { speculationIn } from './replay.js'
import { draftMs, LIMITS, noisy, OVERHEAD_MS, readMs, samplingOf, type Scene } from './scenes.js'

/** What guesses. */
export const DRAFTS = ['ngram', 'merged'] as const
/** Texts that constants are chosen by, and those that check the choice. */
export const TEXTS = { answers, heldOut } as const
export type DraftName = (typeof DRAFTS)[number] | 'model'

/** A text, and the accepted paths below each of its answer's tokens but the last, as ranks among draws. */
interface Known {
  tokens: readonly number[]
  /** Tokens to the first that has a path, that one among them. */
  start: number
  ranks: readonly (readonly number[])[]
}

/** Speed of each text, plain decoding's is 1. `shape`: of every tree, in place of what the policy plans. */
export function textRatios(
  core: Core,
  scene: Scene,
  draft: DraftName,
  seed: number,
  { shape, texts = 'answers' }: { shape?: readonly number[]; texts?: keyof typeof TEXTS } = {},
): number[] {
  const { times, kind } = scene
  const random = uniforms(seed)
  const known: Known = { tokens: [], start: 0, ranks: [] }
  const guesses = ngramDrafter()
  const model = replayed(known)
  const drafter = { ngram: guesses, model, merged: mergedDrafter(model, guesses) }[draft]
  const speculation = speculationIn(core, scene)
  const request: DraftRequest = { sampling: samplingOf(kind), key: { seed: 1n, choice: 0 }, draws: 'coupled' }
  return TEXTS[texts][kind].map(({ prompt, answer, ranks }) => {
    // Reading the prompt gives the answer's first token.
    const start = prompt.length + 1
    Object.assign(known, { tokens: [...prompt, ...answer], start, ranks })
    const pinned = shape && { parents: Int32Array.from(shape) }
    const state = speculation.begin(
      { sampling: request.sampling, maxNodes: LIMITS.maxNodes, shape: pinned },
      drafter,
      0,
    )
    const session = drafter.begin(request) as PassingDraftSession
    let [ms, plainMs] = [0, 0]
    for (let length = start; length < known.tokens.length;) {
      const left = known.tokens.length - length
      const [plan] = speculation.plan([{ state, context: length, left }])
      const tree = drafted(session, known.tokens.slice(0, length), plan, left)
      const path = walked(tree, known.tokens, length)
      if (tree.parents.length > 1) session.commit({ path, token: known.tokens[length + path.length] })
      const catchUpMs = tree.q ? readMs(state.unread) : 0
      const stepMs = noisy(msOf(scene, tree, length) + catchUpMs, scene, random)
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

/** A model that draws what it drew when the texts were recorded; what is not the text is no token at all. */
function replayed(known: Readonly<Known>): Drafter<PassingDraftSession> {
  const session: PassingDraftSession = {
    prepare: async () => {},
    // oxlint-disable-next-line require-yield -- what it knows takes no pass
    *draft(history, { shape }) {
      const { parents } = shape!
      const { length } = history
      const path = known.ranks[length - known.start]
      const tokens = new Int32Array(parents.length)
      const depths = Int32Array.from(depthsOf(parents))
      tokens[0] = history[length - 1]
      const children = new Int32Array(parents.length)
      let right = 0
      for (let node = 1; node < parents.length; node++) {
        const rank = children[parents[node]]++
        const isRight = parents[node] === right && rank === path[depths[right]]
        tokens[node] = isRight ? known.tokens[length + depths[right]] : -1 - node
        if (isRight) right = node
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
  return { name: 'model', growth: 'static', draftMs, readMs, begin: () => session, dispose: async () => {} }
}
