/** The planner against an independent brute force over all trees, and against published numbers. */
import { readFileSync } from 'node:fs'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { choosePlan } from '../../src/core/index.js'
import { core, uniforms } from './support/builders.js'

const MEASURED = JSON.parse(readFileSync(new URL('../fixtures/acceptance-vector.json', import.meta.url), 'utf8')) as {
  p: number[]
  expected_tokens: { rows: { nodes: number; depth: number; value: number }[] }
  demo: {
    draft_time: number
    sizes: number[]
    target_time: number[]
    max_depth: number
    reference_answer: { nodes: number; levels: number; time_per_token: number }
  }
}

/** Expected tokens of a tree: each node is reached with the product of its ancestors' ranks' acceptance. */
function worth(
  parents: ArrayLike<number>,
  vectors: readonly ArrayLike<number>[],
): { tokens: number; depth: number; branch: number } {
  const reach: number[] = []
  const depths: number[] = []
  const children: number[] = []
  let tokens = 0
  for (let node = 0; node < parents.length; node++) {
    const parent = parents[node]
    depths[node] = parent < 0 ? 0 : depths[parent] + 1
    children[node] = 0
    reach[node] =
      parent < 0
        ? 1
        : reach[parent] * (vectors[Math.min(depths[parent], vectors.length - 1)][children[parent]++] ?? Number.NaN)
    tokens += reach[node]
  }
  return { tokens, depth: Math.max(...depths), branch: Math.max(...children) }
}

/** All trees of `m` nodes with ordered children, as parents in level order (each once). */
function* everyTree(m: number): Generator<number[]> {
  function* extend(parents: number[]): Generator<number[]> {
    if (parents.length === m) yield parents
    // In level order a node's parent is never before the previous node's parent.
    else
      for (let parent = parents.length === 1 ? 0 : parents[parents.length - 1]; parent < parents.length; parent++)
        yield* extend([...parents, parent])
  }
  yield* extend([-1])
}

function bruteForce(m: number, maxDepth: number, vectors: readonly ArrayLike<number>[], ranks: number): number {
  let best = -Infinity
  for (const parents of everyTree(m)) {
    const { tokens, depth, branch } = worth(parents, vectors)
    if (depth <= maxDepth && branch <= ranks && tokens > best) best = tokens
  }
  return best
}

function randomVector(length: number, seed: number): Float64Array {
  const uniform = uniforms(seed)
  const raw = Array.from({ length }, () => (uniform() < 0.15 ? 0 : uniform() ** 2))
  const sum = raw.reduce((a, b) => a + b, 1e-9)
  return Float64Array.from(raw, (p) => (p / sum) * uniforms(seed + 1)())
}

test('there are as many ordered trees of m nodes as Catalan says', () => {
  assert.equal(
    [1, 2, 3, 4, 5, 6].map((m) => [...everyTree(m)].length),
    [1, 1, 2, 5, 14, 42],
  )
})

test('the frontier equals the best of all trees of up to 9 nodes, on random vectors that are not monotone', () => {
  for (let seed = 0; seed < 12; seed++) {
    const vector = randomVector(1 + (seed % 6), seed * 7)
    const depth = 1 + (seed % 4)
    const frontier = core.plan({ acceptance: vector, maxNodes: 9, maxDepth: depth })
    for (let m = 1; m <= 9; m++) {
      for (let d = 0; d <= depth; d++) {
        const best = bruteForce(m, d, [vector], vector.length)
        if (best === -Infinity) assert.is(frontier.expected(m, d), -Infinity)
        else
          assert.ok(
            Math.abs(frontier.expected(m, d) - best) < 1e-12,
            `seed ${seed}, m ${m}, d ${d}: ${frontier.expected(m, d)} is not ${best}`,
          )
      }
    }
  }
})

test('vectors that never rise, ties and zeros among them, give the best of all trees too (fast path)', () => {
  for (let seed = 200; seed < 212; seed++) {
    const vectors = [0, 1].slice(seed % 2).map((level) =>
      randomVector(4, seed * 5 + level)
        .sort()
        .reverse(),
    )
    if (seed % 3 === 0) vectors[0].fill(vectors[0][1], 0, 2)
    const frontier = core.plan({ acceptance: vectors, maxNodes: 8, maxDepth: 4 })
    for (let m = 1; m <= 8; m++) {
      for (let d = 0; d <= 4; d++) {
        const best = bruteForce(m, d, vectors, 4)
        if (best === -Infinity) assert.is(frontier.expected(m, d), -Infinity)
        else assert.ok(Math.abs(frontier.expected(m, d) - best) < 1e-12)
      }
    }
  }
})

test('the fast path equals the dynamic program up to 400 nodes and 12 levels', () => {
  for (let seed = 300; seed < 306; seed++) {
    const falling = randomVector(6, seed).sort().reverse()
    const fast = core.plan({ acceptance: Float64Array.of(...falling, 0, 0), maxNodes: 400, maxDepth: 12 })
    // A last rank that rises by next to nothing is worth nothing, but rules the fast path out.
    const plain = core.plan({ acceptance: Float64Array.of(...falling, 0, 1e-300), maxNodes: 400, maxDepth: 12 })
    for (let d = 0; d <= 12; d++) {
      for (let m = 1; m <= 400; m += 7) {
        const [a, b] = [fast.expected(m, d), plain.expected(m, d)]
        assert.ok(a === b || Math.abs(a - b) < 1e-10, `m ${m}, d ${d}: ${a} is not ${b}`)
      }
    }
  }
})

test('with a vector for each level the frontier equals the best of all trees too', () => {
  for (let seed = 100; seed < 106; seed++) {
    const vectors = [randomVector(4, seed), randomVector(3, seed + 50), randomVector(4, seed + 90)]
    const padded = vectors.map((vector) => Float64Array.from({ length: 4 }, (_, rank) => vector[rank] ?? 0))
    const frontier = core.plan({ acceptance: vectors, maxNodes: 8, maxDepth: 4 })
    for (let m = 1; m <= 8; m++) {
      const best = bruteForce(m, 4, padded, 4)
      assert.ok(Math.abs(frontier.expected(m, 4) - best) < 1e-12)
    }
  }
})

test('trees are what the frontier says of them: their size, depth, branching and expected tokens', () => {
  for (let seed = 0; seed < 40; seed++) {
    const uniform = uniforms(seed)
    const vectors = Array.from({ length: 1 + (seed % 3) }, (_, level) =>
      seed % 4 === 0
        ? randomVector(8, seed * 3 + level)
            .sort()
            .reverse()
        : randomVector(8, seed * 3 + level),
    )
    const [maxNodes, maxDepth, maxBranch] = [
      1 + Math.floor(uniform() * 70),
      1 + Math.floor(uniform() * 8),
      2 + Math.floor(uniform() * 6),
    ]
    const frontier = core.plan({ acceptance: vectors, maxNodes, maxDepth, maxBranch })
    for (let m = 1; m <= maxNodes; m += 3) {
      if (frontier.expected(m, maxDepth) === -Infinity) {
        assert.throws(() => frontier.tree(m, maxDepth), /no tree has this many nodes/)
        continue
      }
      const { parents, expectedTokens } = frontier.tree(m, maxDepth)
      const { tokens, depth, branch } = worth(parents, vectors)
      assert.is(parents.length, m)
      assert.is(expectedTokens, frontier.expected(m, maxDepth))
      assert.ok(Math.abs(tokens - expectedTokens) < 1e-12)
      assert.ok(depth <= maxDepth && branch <= maxBranch)
      assert.ok(
        parents.every((parent, node) => node < 2 || parent >= parents[node - 1]),
        'not in level order',
      )
    }
  }
})

test('the published vector gives the published expected tokens', () => {
  const frontier = core.plan({ acceptance: Float64Array.from(MEASURED.p), maxNodes: 64, maxDepth: 9 })
  // The vector is published to six digits, which leaves 1e-5 of room over 64 nodes.
  for (const { nodes, depth, value } of MEASURED.expected_tokens.rows)
    assert.ok(Math.abs(frontier.expected(nodes, depth) - value) < 1.2e-5)
})

test("the optimizer gives the published demo's answer, and a better one where it may choose other sizes", () => {
  const { draft_time, sizes, target_time, max_depth, reference_answer } = MEASURED.demo
  const frontier = core.plan({ acceptance: Float64Array.from(MEASURED.p), maxNodes: 32, maxDepth: max_depth })
  // The demo tries the measured sizes only, and drafts one level more than the tree has below its root.
  const request = { frontier, draftMs: (depth: number) => (depth + 1) * draft_time, overheadMs: 0 }
  const demo = choosePlan({ ...request, targetMs: (m) => target_time[sizes.indexOf(m)] ?? Infinity })
  assert.equal(
    [demo.nodes, demo.depth + 1, demo.msPerToken.toFixed(4)],
    [reference_answer.nodes, reference_answer.levels, reference_answer.time_per_token.toFixed(4)],
  )
  const between = (m: number): number => {
    const i = Math.max(
      1,
      sizes.findIndex((size) => size >= m),
    )
    return target_time[i - 1] + ((m - sizes[i - 1]) / (sizes[i] - sizes[i - 1])) * (target_time[i] - target_time[i - 1])
  }
  const free = choosePlan({ ...request, targetMs: between })
  assert.ok(free.msPerToken < demo.msPerToken)
})

test('the optimizer is the least of all sizes and depths, with draft costs that depend on level widths', () => {
  const frontier = core.plan({ acceptance: Float64Array.from(MEASURED.p), maxNodes: 24, maxDepth: 6 })
  const request = {
    frontier,
    targetMs: (m: number) => 8 + 0.4 * m,
    draftMs: (depth: number, widths: readonly number[]) =>
      widths.slice(0, depth).reduce((ms, width) => ms + 0.4 + 0.3 * width, 0),
    overheadMs: 0.5,
  }
  let least = request.targetMs(1) + request.overheadMs
  for (let m = 2; m <= 24; m++) {
    for (let d = 1; d <= 6; d++) {
      if (frontier.expected(m, d) === -Infinity) continue
      const { parents, expectedTokens } = frontier.tree(m, d)
      const depths: number[] = []
      const widths = Array.from({ length: d + 1 }, () => 0)
      parents.forEach((parent, node) => widths[(depths[node] = parent < 0 ? 0 : depths[parent] + 1)]++)
      least = Math.min(
        least,
        (request.targetMs(m) + request.draftMs(Math.max(...depths), widths) + request.overheadMs) / expectedTokens,
      )
    }
  }
  assert.ok(Math.abs(choosePlan(request).msPerToken - least) < 1e-12)
})

test('where drafting costs more than it brings the plan is no speculation', () => {
  const frontier = core.plan({ acceptance: Float64Array.of(0.5, 0.2), maxNodes: 16, maxDepth: 4 })
  const plan = choosePlan({ frontier, targetMs: (m) => 10 * m, draftMs: (depth) => depth, overheadMs: 0 })
  assert.equal([plan.nodes, plan.depth, plan.expectedTokens, plan.msPerToken], [1, 0, 1, 10])
})

test('where only the first child is ever right the plan is a chain', () => {
  const frontier = core.plan({ acceptance: Float64Array.of(0.9, 0, 0), maxNodes: 16, maxDepth: 6 })
  const { nodes, depth } = choosePlan({
    frontier,
    targetMs: (m) => 10 + 0.01 * m,
    draftMs: (levels) => 0.1 * levels,
    overheadMs: 0,
  })
  assert.equal([nodes, depth], [7, 6])
  assert.equal([...frontier.tree(nodes, depth).parents], [-1, 0, 1, 2, 3, 4, 5])
})

test('sizes, depths and vectors out of range are refused by name', () => {
  const acceptance = Float64Array.of(0.5)
  assert.throws(() => core.plan({ acceptance, maxNodes: 0, maxDepth: 1 }), /maxNodes is 0/)
  assert.throws(() => core.plan({ acceptance, maxNodes: 4, maxDepth: 300 }), /maxDepth is 300/)
  assert.throws(() => core.plan({ acceptance: [], maxNodes: 4, maxDepth: 1 }), /no vector/)
  assert.throws(
    () => core.plan({ acceptance: Float64Array.of(0.5, Number.NaN), maxNodes: 4, maxDepth: 1 }),
    /rank 1 at level 0 is NaN/,
  )
  const frontier = core.plan({ acceptance, maxNodes: 4, maxDepth: 2 })
  assert.throws(() => frontier.tree(4, 2), /no tree has this many nodes/)
  assert.throws(() => frontier.expected(5, 2), /nodes is 5/)
  assert.equal([...frontier.tree(1, 0).parents], [-1])
})

test.run()
