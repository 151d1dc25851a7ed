import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { PartRunner, PassPart, Passes, PassPlace } from '../../src/passes/pass-part.js'
import { runTogether } from '../../src/passes/run-together.js'
import { SequenceCache } from '../../src/passes/sequence-cache.js'
import { SlotPool } from '../../src/passes/slot-pool.js'

/** Keeps the row counts of each pass's parts; fails the passes named. */
class Runner implements PartRunner {
  readonly passes: number[][] = []

  constructor(
    readonly limits: { maxRows: number },
    private readonly failsAt = -1,
  ) {}

  async runParts(parts: readonly PassPart[], firstLogitRow: number): Promise<PassPlace[]> {
    if (this.passes.length === this.failsAt) throw new Error('the pass failed')
    this.passes.push(parts.map(({ tokens }) => tokens.length))
    let [row, logitRow] = [0, firstLogitRow]
    return parts.map(({ tokens, wanted }) => {
      const place = { row, logitRow }
      row += tokens.length
      logitRow += wanted.length
      return place
    })
  }
}

function part(runner: PartRunner, rows: number): PassPart {
  const numbers = Int32Array.from({ length: rows }, (_, i) => i)
  const cache = new SequenceCache(0, new SlotPool(8), () => undefined)
  return { runner, cache, tokens: numbers, positions: numbers, parents: numbers, slots: numbers, wanted: numbers }
}

/** A pass for each of these row counts; comes to the places of their logits. */
function* work(runner: PartRunner, ...rows: number[]): Passes<number[]> {
  const places: number[] = []
  for (const count of rows) places.push((yield part(runner, count)).logitRow)
  return places
}

test('works that wait for the same model share a pass, level by level, and logits stay until the end', async () => {
  const runner = new Runner({ maxRows: 10 })
  const places = await runTogether([work(runner, 2, 3), work(runner, 1), work(runner, 4, 1)])
  assert.equal(runner.passes, [
    [2, 1, 4],
    [3, 1],
  ])
  assert.equal(places, [[0, 7], [2], [3, 10]])
})

test('those who do not fit come next, and nobody overtakes them', async () => {
  const runner = new Runner({ maxRows: 5 })
  await runTogether([work(runner, 4), work(runner, 3), work(runner, 1)])
  assert.equal(runner.passes, [[4], [3, 1]])
})

test('models have passes of their own, and promises are works without any', async () => {
  const [one, other] = [new Runner({ maxRows: 8 }), new Runner({ maxRows: 8 })]
  const results = await runTogether([work(one, 1), work(other, 2), Promise.resolve([7])])
  assert.equal([one.passes, other.passes], [[[1]], [[2]]])
  assert.equal(results, [[0], [0], [7]])
})

test('a pass that fails ends all works, which give back what they hold', async () => {
  const runner = new Runner({ maxRows: 8 }, 1)
  const ended: string[] = []
  function* holding(name: string, passes: number): Passes<number[]> {
    try {
      return yield* work(runner, ...Array.from({ length: passes }, () => 1))
    } finally {
      ended.push(name)
    }
  }
  const failure = await runTogether([holding('short', 1), holding('long', 2), holding('longer', 3)]).catch(String)
  assert.match(String(failure), 'the pass failed')
  assert.equal(ended, ['short', 'long', 'longer'])
})

test('a work that asks for no pass gives others their turn, and goes on in the pass it wanted', async () => {
  const runner = new Runner({ maxRows: 8 })
  let [others, over] = [0, false]
  const turn = (): void => {
    others += 1
    if (!over) setImmediate(turn)
  }
  setImmediate(turn)
  function* pausing(): Passes<number[]> {
    yield null
    const before = others
    yield null
    yield part(runner, 2)
    yield null
    return [others - before]
  }
  const [first, second] = await runTogether([pausing(), work(runner, 3)])
  over = true
  assert.equal([runner.passes, second], [[[2, 3]], [2]])
  assert.ok(first[0] >= 2)
})

test.run()
