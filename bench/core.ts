/**
 * `npm run bench -- core`: the wasm core beside the same functions in plain TypeScript, in one run: nanoseconds per
 * vocabulary entry of sampling, microseconds of a verification walk, milliseconds of planning, and the memory bandwidth
 * that bounds them.
 */
import { readFileSync } from 'node:fs'
import { Core } from '../src/core/index.js'
import type { Sampling } from '../src/core/types.js'
import { verifiers } from '../plugins/verifiers/index.js'
import * as plain from './core-plain.js'
import { median } from './stats.js'

export const name = 'core'
export const describe =
  'the wasm core: sampling, verification, planning; against plain TypeScript and the memory bandwidth'

export interface CoreBenchOptions {
  /** Timed calls of each function; fewer is quicker and noisier. */
  repeats?: number
}

const VOCABULARIES = [32_000, 49_152, 152_064]
const sampling = (temperature: number, topP = 1): Sampling => ({ temperature, topK: 0, topP, minP: 0 })
const KEY = { seed: 1n, choice: 0 }

/** Median milliseconds of a call, after as many to warm up. */
function timed(repeats: number, call: (i: number) => unknown): number {
  const times: number[] = []
  for (let i = 0; i < 2 * repeats; i++) {
    const started = performance.now()
    call(i)
    if (i >= repeats) times.push(performance.now() - started)
  }
  return median(times)
}

/** Logits shaped like a language model's: a few tokens far above a broad rest. */
function languageLike(length: number, seed: number): Float32Array {
  let state = seed
  const uniform = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return (state + 0.5) / 2 ** 32
  }
  return Float32Array.from(
    { length },
    () => 2.2 * (uniform() + uniform() + uniform() - 1.5) - 1.1 * Math.log(uniform()),
  )
}

interface SamplingRow {
  vocab: number
  what: string
  wasmNs: number
  plainNs: number
  speedup: number
}

function samplingRows(core: Core, vocab: number, repeats: number): SamplingRow[] {
  const logits = languageLike(vocab, 7)
  const at = core.alloc(vocab * 4)
  const out = core.alloc(vocab * 4)
  core.f32(at, vocab).set(logits)
  const weights = new Float32Array(vocab)
  const row = (what: string, wasm: (i: number) => unknown, typescript: (i: number) => unknown): SamplingRow => {
    const [wasmNs, plainNs] = [wasm, typescript].map((call) => (timed(repeats, call) * 1e6) / vocab)
    return { vocab, what, wasmNs, plainNs, speedup: plainNs / wasmNs }
  }
  const rows = [
    row(
      'softmax',
      () => core.probabilities(at, vocab, sampling(0.8), out),
      () => plain.softmax(logits, 0.8, weights),
    ),
    row(
      'top-p 0.9',
      () => core.probabilities(at, vocab, sampling(0.8, 0.9), out),
      () => plain.nucleus(logits, 0.8, 0.9, weights),
    ),
    row(
      'Gumbel top-8',
      (i) => core.draftChildren(at, vocab, sampling(0.8), KEY, i, 8, 'independent'),
      (i) => plain.gumbelTopK(logits, 0.8, 8, i, weights),
    ),
    row(
      'Gumbel top-8, coupled',
      (i) => core.draftChildren(at, vocab, sampling(0.8), KEY, i, 8, 'coupled'),
      (i) => plain.gumbelTopK(logits, 0.8, 8, i, weights),
    ),
    row(
      'target draw',
      (i) => core.chooseToken(at, vocab, sampling(0.8), KEY, i),
      (i) => plain.gumbelTopK(logits, 0.8, 1, i, weights),
    ),
  ]
  const residual = Float64Array.from(logits, Math.exp)
  const q = Float32Array.from(logits, Math.exp)
  const tree = { parents: Int32Array.of(-1, 0), tokens: Int32Array.of(0, 1), depths: Int32Array.of(0, 1) }
  const walk = {
    tree,
    logitsPtr: core.alloc(vocab * 8),
    vocab,
    sampling: sampling(1),
    key: KEY,
    rootPosition: 0,
    draftLogitsPtr: at,
    draftRow: Int32Array.of(0, -1),
    draftSampling: sampling(1),
  }
  core.f32(walk.logitsPtr, 2 * vocab).set(logits)
  core.f32(walk.logitsPtr, vocab)[1] = -50
  rows.push(
    row(
      'one rejected child and the draw after it',
      (i) => core.verifyDrafted('sequoia', { ...walk, rootPosition: i }),
      () => {
        const [p, draft] = [plain.softmax(logits, 1, weights), plain.softmax(logits, 1, q)]
        residual.set(weights)
        const sum = plain.subtract(residual, p, q, draft)
        let left = sum / 2
        return residual.findIndex((mass) => (left -= mass) < 0)
      },
    ),
  )
  for (const block of [at, out, walk.logitsPtr]) core.free(block)
  return rows
}

interface WalkRow {
  rule: string
  nodes: number
  us: number
}

/** Walks over trees drawn from a draft that is right now and then, at the real vocabulary. */
function walkRows(core: Core, repeats: number): WalkRow[] {
  const vocab = 49_152
  const nodes = 16
  const target = core.alloc(nodes * vocab * 4)
  const draft = core.alloc(nodes * vocab * 4)
  for (let node = 0; node < nodes; node++) {
    const logits = languageLike(vocab, 100 + node)
    core.f32(target + node * vocab * 4, vocab).set(logits)
    core.f32(draft + node * vocab * 4, vocab).set(logits.map((logit, x) => logit + ((x * 2654435761) % 7) * 0.15))
  }
  const parents = Int32Array.from({ length: nodes }, (_, i) => (i === 0 ? -1 : (i - 1) >> 1))
  const tokens = new Int32Array(nodes)
  for (let node = 0; 2 * node + 1 < nodes; node++)
    tokens.set(
      core.draftChildren(
        draft + node * vocab * 4,
        vocab,
        sampling(1),
        KEY,
        3,
        Math.min(2, nodes - 1 - 2 * node),
        'independent',
        node,
      ).tokens,
      2 * node + 1,
    )
  const tree = { parents, tokens, depths: Int32Array.from(parents, (_, i) => Math.floor(Math.log2(i + 1))) }
  const draftRow = Int32Array.from(parents, (_, i) => i)
  const q = { logitsPtr: draft, rows: draftRow }
  const rows = [...verifiers.values()].map((verifier) => ({
    rule: verifier.name,
    nodes,
    us:
      1000 *
      timed(repeats, (i) =>
        verifier.verify(core, {
          tree: { ...tree, q },
          logitsPtr: target,
          vocab,
          sampling: sampling(1),
          key: KEY,
          rootPosition: i,
        }),
      ),
  }))
  rows.unshift({
    rule: 'greedy',
    nodes,
    us: 1000 * timed(repeats, (i) => core.verifyCoupled(tree, target, vocab, sampling(0), KEY, i)),
  })
  core.free(target)
  core.free(draft)
  return rows
}

interface PlanRow {
  vector: string
  nodes: number
  depth: number
  branches: number
  wasmMs: number
  treeMs: number
  plainMs: number
}

function planRows(core: Core): PlanRow[] {
  const measured = JSON.parse(
    readFileSync(new URL('../test/fixtures/acceptance-vector.json', import.meta.url), 'utf8'),
  ) as { p: number[] }
  const vectors: [string, Float64Array][] = [
    ['measured (not monotone)', Float64Array.from(measured.p)],
    ['the same, sorted', Float64Array.from(measured.p).sort().reverse()],
  ]
  return [
    [128, 10],
    [1024, 32],
  ].flatMap(([nodes, depth]) =>
    vectors.map(([vector, acceptance]) => ({
      vector,
      nodes,
      depth,
      branches: acceptance.length,
      wasmMs: timed(8, () => core.plan({ acceptance, maxNodes: nodes, maxDepth: depth })),
      treeMs: timed(8, () => core.plan({ acceptance, maxNodes: nodes, maxDepth: depth }).tree(nodes, depth)),
      plainMs: timed(nodes > 500 ? 1 : 4, () => plain.plan(acceptance, nodes, depth)),
    })),
  )
}

/** GB/s at which a row far larger than the caches is read: greedy over 64 MiB, which reads it about once and a half. */
function bandwidth(core: Core): number {
  const vocab = 2 ** 24
  const at = core.alloc(vocab * 4)
  core.f32(at, vocab).fill(0)[vocab - 1] = 1
  const ms = timed(5, () => core.chooseToken(at, vocab, sampling(0), KEY, 0))
  core.free(at)
  // Once for the maximum, once to find it in the last place.
  return (2 * vocab * 4) / (ms * 1e6)
}

/** Runs it all; takes about half a minute with 60 repeats. */
export async function run(options: CoreBenchOptions | readonly string[] = {}): Promise<object> {
  const repeats = 'repeats' in options && typeof options.repeats === 'number' ? options.repeats : 60
  const core = Core.load()
  const gigabytesPerSecond = bandwidth(core)
  return {
    wasmBytes: readFileSync(new URL('../dist/core.wasm', import.meta.url)).byteLength,
    memory: [{ gigabytesPerSecond, nsPerEntryReadOnce: 4 / gigabytesPerSecond }],
    sampling: VOCABULARIES.flatMap((vocab) => samplingRows(core, vocab, repeats)),
    walks: walkRows(core, repeats),
    planning: planRows(core),
  }
}
