// @process native
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { SequoiaError } from '../../src/spec/errors.js'
import type { Forward, ForwardInput, ForwardOptions } from '../../src/runtime/forward.js'
import { openForward, type GraphModel } from '../../src/runtime/open-forward.js'
import { poison } from '../support/poison.js'
import { chain, pass } from './passes.js'
import { TOY, writeToyGraph } from './toy-graph.js'

declare const WebAssembly: {
  Memory: new (pages: { initial: number; maximum: number }) => {
    readonly buffer: ArrayBuffer
    grow(pages: number): number
  }
}

const w8a8 = writeToyGraph('int8')
const fp32 = writeToyGraph('float32')
const runtimes = ['binding', 'portable'] as const

async function using<T>(
  options: ForwardOptions,
  use: (forward: Forward) => Promise<T>,
  model: GraphModel = w8a8,
): Promise<T> {
  const forward = await openForward(model, { threads: 2, ...options })
  try {
    return await use(forward)
  } finally {
    await forward.dispose()
  }
}

async function logitsOf(forward: Forward, input: ForwardInput): Promise<Float32Array> {
  const logits = new Float32Array(input.logitRows.length * TOY.vocab)
  await forward.run(input, { logits })
  return logits
}

function same(a: Float32Array, b: Float32Array): void {
  assert.equal(new Uint32Array(a.buffer, a.byteOffset, a.length), new Uint32Array(b.buffer, b.byteOffset, b.length))
}

async function rejection(promise: Promise<unknown>): Promise<SequoiaError> {
  return promise.then(
    () => assert.unreachable('it did not fail'),
    (error: SequoiaError) => error,
  ) as Promise<SequoiaError>
}

const tokens = [3, 14, 15, 9, 2, 6, 5, 35, 8, 9, 7, 9]

for (const model of [w8a8, fp32]) {
  test(`binding and portable give equal bits (V ${model.info.kv.v}), one lane and three`, async () => {
    const run = (runtime: 'binding' | 'portable') =>
      using(
        { runtime, lanes: 3 },
        async (forward) => {
          const sequences = [chain(tokens, 0), chain(tokens.slice(2).reverse(), 1, 4), chain([1, 2, 3], 2)]
          const all = [await logitsOf(forward, pass(sequences, 0, 3))]
          for (let row = 3; row < 8; row++) all.push(await logitsOf(forward, pass(sequences.slice(0, 2), row, row + 1)))
          return all
        },
        model,
      )
    const [binding, portable] = [await run('binding'), await run('portable')]
    assert.is(binding.length, 6)
    binding.forEach((logits, i) => same(logits, portable[i]))
    assert.ok(
      binding[0].some((x) => Math.abs(x) > 0.01),
      'logits are not all zero',
    )
  })
}

for (const runtime of runtimes) {
  test(`${runtime}: logits are the same bits one by one, in chunks, in a tree and in other slots`, async () => {
    const whole = await using({ runtime }, (forward) => logitsOf(forward, pass([chain(tokens)])))
    const chunked = await using({ runtime }, async (forward) => {
      const parts = []
      for (const [from, to] of [
        [0, 5],
        [5, 6],
        [6, 12],
      ])
        parts.push(...(await logitsOf(forward, pass([chain(tokens)], from, to))))
      return Float32Array.from(parts)
    })
    same(chunked, whole)
    const slots = [40, 3, 17, 21, 0, 5, 33, 8, 1, 30, 2, 11]
    same(await using({ runtime }, (forward) => logitsOf(forward, pass([{ ...chain(tokens), slots }]))), whole)
    // The chain with a wrong sibling after every node: the odd rows are siblings, the even rows the chain.
    const tree = {
      tokens: tokens.flatMap((token) => [token, (token + 1) % TOY.vocab]),
      slots: tokens.flatMap((_, i) => [2 * i, 2 * i + 1]),
      parents: tokens.flatMap((_, i) => [2 * i - 2, 2 * i - 2]).map((parent) => Math.max(-1, parent)),
      lane: 0,
    }
    const inTree = await using({ runtime }, (forward) => logitsOf(forward, pass([tree])))
    tokens.forEach((_, i) =>
      same(inTree.slice(2 * i * TOY.vocab, (2 * i + 1) * TOY.vocab), whole.slice(i * TOY.vocab, (i + 1) * TOY.vocab)),
    )
  })

  test(`${runtime}: a sequence comes to the same bits alone and beside others, whichever its lane`, async () => {
    const alone = await using({ runtime }, (forward) => logitsOf(forward, pass([chain(tokens)])))
    const beside = await using({ runtime, lanes: 4 }, (forward) =>
      logitsOf(forward, pass([chain([1, 2, 3, 4], 1), chain(tokens, 3)])),
    )
    same(beside.slice(4 * TOY.vocab), alone)
  })

  test(`${runtime}: NaN in slots that no row sees changes nothing`, async () => {
    for (const model of [w8a8, fp32]) {
      const input = pass([{ ...chain(tokens.slice(0, 3)), slots: [1, 4, 6] }])
      const clean = await using({ runtime }, (forward) => logitsOf(forward, input), model)
      const poisoned = await using(
        { runtime },
        async (forward) => {
          await poison(forward.cache, 0, [0, 2, 3, 5, 7, 8, 15])
          return logitsOf(forward, input)
        },
        model,
      )
      same(poisoned, clean)
    }
  })

  test(`${runtime}: poison reaches the rows it names, in the lane it names`, async () => {
    const context = [chain([1, 2, 3], 0), chain([1, 2, 3], 1)]
    const next = [chain([1, 2, 3, 4], 0), chain([1, 2, 3, 4], 1)]
    const logits = await using(
      { runtime, lanes: 2 },
      async (forward) => {
        await logitsOf(forward, pass(context))
        await poison(forward.cache, 1, [1])
        return logitsOf(forward, pass(next, 3, 4))
      },
      fp32,
    )
    assert.ok(logits.slice(0, TOY.vocab).every(Number.isFinite))
    assert.ok(logits.slice(TOY.vocab).every(Number.isNaN))
  })

  test(`${runtime}: growing the cache, in slots or in lanes, keeps its rows`, async () => {
    const expected = await using({ runtime, lanes: 2 }, async (forward) => {
      await logitsOf(forward, pass([chain(tokens, 0), chain(tokens, 1)], 0, 8))
      return logitsOf(forward, pass([chain(tokens, 0), chain(tokens, 1)], 8))
    })
    const grown = await using({ runtime, slots: 10, lanes: 2 }, async (forward) => {
      assert.ok(forward.cache.capacity >= 10 && forward.cache.capacity < 1000)
      await logitsOf(forward, pass([chain(tokens, 0), chain(tokens, 1)], 0, 8))
      await forward.cache.resize([0, 1], 1000)
      assert.ok(forward.cache.capacity >= 1000)
      await forward.cache.resize([0, 1, -1, -1], 5)
      assert.ok(forward.cache.capacity >= 1000)
      assert.is(forward.cache.lanes, 4)
      return logitsOf(forward, pass([chain(tokens, 0), chain(tokens, 1)], 8))
    })
    same(grown, expected)
  })

  test(`${runtime}: lanes share out the slots anew, up and down, keep rows, get no more than there are`, async () => {
    const expected = await using({ runtime, lanes: 2 }, async (forward) => {
      await logitsOf(forward, pass([chain(tokens, 0), chain(tokens.slice().reverse(), 1)], 0, 8))
      return logitsOf(forward, pass([chain(tokens, 0), chain(tokens.slice().reverse(), 1)], 8))
    })
    const shared = await using({ runtime, cells: 200 }, async (forward) => {
      assert.equal([forward.cache.capacity, forward.cache.lanes], [192, 1])
      await logitsOf(forward, pass([chain(tokens)], 0, 8))
      await forward.cache.resize([0, -1, -1, -1], 1)
      assert.equal([forward.cache.capacity, forward.cache.lanes], [48, 4])
      await logitsOf(forward, pass([chain(tokens.slice().reverse(), 3)], 0, 8))
      await forward.cache.resize([0, 3], 1)
      assert.equal([forward.cache.capacity, forward.cache.lanes], [96, 2])
      assert.match(
        (await rejection(forward.cache.resize([0, 1], 97))).message,
        /97 slots were asked for and the cache has 96 for each of 2 sequences/,
      )
      return logitsOf(forward, pass([chain(tokens, 0), chain(tokens.slice().reverse(), 1)], 8))
    })
    same(shared, expected)
  })

  test(`${runtime}: a pass without wanted rows fills the cache all the same`, async () => {
    const input = pass([chain(tokens)], 0, 11)
    const expected = await using({ runtime }, async (forward) => {
      await logitsOf(forward, input)
      return logitsOf(forward, pass([chain(tokens)], 11))
    })
    const silent = await using({ runtime }, async (forward) => {
      await forward.run({ ...input, logitRows: new Int32Array(0) }, { logits: new Float32Array(0) })
      return logitsOf(forward, pass([chain(tokens)], 11))
    })
    same(silent, expected)
  })

  test(`${runtime}: wanted logits and hidden states land in WebAssembly memory, also after it has grown`, async () => {
    const memory = new WebAssembly.Memory({ initial: 1, maximum: 4 })
    const input = { ...pass([chain(tokens)]), logitRows: Int32Array.of(7, 0) }
    await using({ runtime }, async (forward) => {
      const all = await logitsOf(forward, pass([chain(tokens)]))
      for (const grow of [0, 2]) {
        memory.grow(grow)
        const logits = new Float32Array(memory.buffer, 512, 2 * TOY.vocab).fill(0)
        const hidden = new Float32Array(memory.buffer, 8192, tokens.length * TOY.hidden).fill(0)
        await forward.run(input, { logits, hidden })
        same(logits.slice(0, TOY.vocab), all.slice(7 * TOY.vocab, 8 * TOY.vocab))
        same(logits.slice(TOY.vocab), all.slice(0, TOY.vocab))
        assert.ok(hidden.slice(-TOY.hidden).some((x) => x !== 0))
      }
    })
  })

  test(`${runtime}: a wrong pass is refused with what was wrong, and the model goes on`, async () => {
    await using({ runtime, slots: 16 }, async (forward) => {
      const good = pass([chain([1, 2])])
      const wrong: [Partial<ForwardInput>, RegExp][] = [
        [{ tokens: new Int32Array(0) }, /no rows/],
        [{ positions: Int32Array.of(0) }, /2 tokens came with 1 positions/],
        [{ tokens: Int32Array.of(1, TOY.vocab) }, /token 48 in row 1/],
        [{ positions: Int32Array.of(0, -1) }, /position -1/],
        [{ slots: Int32Array.of(0, 2) }, /slot 2 in row 1/],
        [{ lanes: Int32Array.of(0, 1) }, /lane 1 in row 1/],
        [{ liveSlots: 99 }, /resize the cache first/],
        [{ mask: new Uint8Array(3) }, /mask has 3 entries/],
        [{ logitRows: Int32Array.of(2) }, /logit row 2/],
      ]
      for (const [part, message] of wrong) {
        const error = await rejection(logitsOf(forward, { ...good, ...part }))
        assert.is(error.code, 'invalid_argument')
        assert.match(error.message, message)
      }
      const error = await rejection(forward.run(good, { logits: new Float32Array(TOY.vocab) }))
      assert.match(error.message, /room for 48 numbers; this pass writes 96/)
      assert.match((await rejection(forward.cache.resize([0], 0))).message, /slots is 0/)
      assert.match((await rejection(poison(forward.cache, 1, [0]))).message, /lane 1 is outside/)
      assert.match((await rejection(poison(forward.cache, 0, [99]))).message, /slot 99 is outside/)
      assert.is((await logitsOf(forward, good)).length, 2 * TOY.vocab)
    })
  })

  test(`${runtime}: ONNX Runtime's own refusal arrives as a RuntimeError in its words`, async () => {
    await using({ runtime }, async (forward) => {
      // The toy has 1200 position embeddings: this one is refused inside the run.
      const error = await rejection(logitsOf(forward, { ...pass([chain([1])]), positions: Int32Array.of(5000) }))
      assert.is(error.code, 'runtime_failed')
      assert.match(error.message, /ONNX Runtime: .*5000/s)
      assert.is((await logitsOf(forward, pass([chain([1])]))).length, TOY.vocab)
    })
  })

  test(`${runtime}: only one pass at a time, nothing after dispose, and dispose waits for the pass`, async () => {
    const forward = await openForward(w8a8, { runtime })
    const logits = new Float32Array(tokens.length * TOY.vocab)
    let isDone = false
    const first = forward.run(pass([chain(tokens)]), { logits }).then(() => {
      isDone = true
    })
    assert.match((await rejection(logitsOf(forward, pass([chain([1])])))).message, /while a pass is running/)
    assert.match((await rejection(forward.cache.resize([0], 5000))).message, /while a pass is running/)
    assert.match((await rejection(poison(forward.cache, 0, [0]))).message, /while a pass is running/)
    await forward.dispose()
    assert.ok(isDone)
    await first
    assert.ok(logits.some((x) => x !== 0))
    assert.is((await rejection(logitsOf(forward, pass([chain([1])])))).code, 'closed')
    await forward.dispose()
  })
}

test('binding: the event loop goes on during a pass', async () => {
  await using({ runtime: 'binding', slots: 1100, threads: 1 }, async (forward) => {
    const input = pass([chain(Array.from({ length: 1000 }, (_, i) => i % TOY.vocab))])
    let ticks = 0
    let isRunning = true
    const count = (): void => {
      ticks++
      if (isRunning) setImmediate(count)
    }
    const logits = new Float32Array(1000 * TOY.vocab)
    const run = forward.run(input, { logits }).finally(() => {
      isRunning = false
    })
    count()
    await run
    assert.ok(ticks > 50, `only ${ticks} turns of the event loop`)
  })
})

test('binding: opening and disposing 50 times neither crashes nor keeps memory', async () => {
  const cycle = async (): Promise<void> =>
    using({ runtime: 'binding', slots: 2048 }, async (forward) => {
      await poison(
        forward.cache,
        0,
        Array.from({ length: 2048 }, (_, i) => i),
      )
      await logitsOf(forward, pass([chain(tokens)]))
    })
  for (let i = 0; i < 10; i++) await cycle()
  const before = process.memoryUsage().rss
  for (let i = 0; i < 40; i++) await cycle()
  const grownMegabytes = (process.memoryUsage().rss - before) / 2 ** 20
  assert.ok(grownMegabytes < 40, `${grownMegabytes.toFixed(1)} MB more after 40 cycles`)
})

test('binding: memory stays level over many passes of changing shapes', async () => {
  await using({ runtime: 'binding', slots: 512 }, async (forward) => {
    const context = chain(Array.from({ length: 400 }, (_, i) => i % TOY.vocab))
    const all = async (): Promise<void> => {
      for (let end = 1; end <= 400; end += 3)
        await logitsOf(forward, pass([context], Math.max(0, end - 1 - (end % 7)), end))
    }
    for (let i = 0; i < 3; i++) await all()
    const before = process.memoryUsage().rss
    for (let i = 0; i < 4; i++) await all()
    const grownMegabytes = (process.memoryUsage().rss - before) / 2 ** 20
    assert.ok(grownMegabytes < 20, `${grownMegabytes.toFixed(1)} MB more`)
  })
})

test.run()
