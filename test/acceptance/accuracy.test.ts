/**
 * SmolLM2 in the tested format against its own fp32: distance on held-out conversations and in long contexts; the same
 * bits in every arrangement.
 */
import { existsSync } from 'node:fs'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { decodeArranged, differingRows, type Arrangement } from '../support/bits.js'
import { LogitDistance } from '../support/logit-distance.js'
import { smollm2File } from '../support/smollm2.js'
import { heldOutConversations, heldOutText, openSmolLM2 } from '../support/smollm2-models.js'
import { testedFormat, testedKv as kv } from '../support/tested-format.js'

const accuracy = suite('accuracy')
const check = existsSync(smollm2File) ? accuracy : accuracy.skip
const conversations = existsSync(smollm2File) ? heldOutConversations() : []

/** Bounds on KL and on how often the likeliest token agrees; far: in contexts of 2,048 tokens and more. */
const BOUNDS: Record<string, { near: [kl: number, top1: number]; far: [kl: number, top1: number] }> = {
  w8a8: { near: [0.016, 0.93], far: [0.016, 0.93] },
  q4: { near: [0.005, 0.96], far: [0.007, 0.955] },
}
const FAR = 2048
const { near, far } = BOUNDS[testedFormat]

check(
  `${testedFormat}: KL to fp32 is at most ${near[0]}, top-1 at least ${near[1]}, over 12 conversations`,
  async () => {
    const distance = new LogitDistance()
    const [exact, rounded] = [
      await openSmolLM2('fp32', { slots: 512 }),
      await openSmolLM2(testedFormat, { slots: 512, kv }),
    ]
    for (const ids of conversations) {
      const whole: Arrangement = { chunk: () => ids.length }
      distance.add(await decodeArranged(exact, ids, whole), await decodeArranged(rounded, ids, whole), exact.info.vocab)
    }
    await Promise.all([exact.dispose(), rounded.dispose()])
    console.log(`${testedFormat}: ${distance}`)
    assert.ok(distance.kl <= near[0] && distance.top1 >= near[1], `${distance}`)
  },
)

for (const [length, from] of [
  [512, 256],
  [2048, 1024],
  [8192, 6144],
])
  check(`${testedFormat}: KL to fp32 from token ${from} on of every ${length}`, async () => {
    const text = heldOutText()
    const slots = length
    const [exact, rounded] = [await openSmolLM2('fp32', { slots }), await openSmolLM2(testedFormat, { slots, kv })]
    const distance = new LogitDistance()
    for (let start = 0; start + length <= text.length; start += length) {
      const ids = text.slice(start, start + length)
      const arrangement: Arrangement = { chunk: () => 256, from }
      distance.add(
        await decodeArranged(exact, ids, arrangement),
        await decodeArranged(rounded, ids, arrangement),
        exact.info.vocab,
      )
    }
    await Promise.all([exact.dispose(), rounded.dispose()])
    console.log(`${testedFormat}, ${length} tokens: ${distance}`)
    const [kl, top1] = length < FAR ? near : far
    assert.ok(distance.kl <= kl && distance.top1 >= top1, `${length} tokens: ${distance}`)
  })

check('960 rows have the same bits whatever their number, order, siblings, slots, lanes and threads', async () => {
  const ids = conversations[3].slice(0, 64)
  const first = await openSmolLM2(testedFormat, { slots: 512, kv, threads: 1 })
  const { vocab } = first.info
  const alone = await decodeArranged(first, ids)
  await first.dispose()
  let rows = 0
  const same = async (
    options: { lanes?: number; threads?: number },
    grouped: boolean,
    arrangements: Arrangement[],
  ): Promise<void> => {
    const forward = await openSmolLM2(testedFormat, { slots: 512, kv, ...options }, grouped)
    for (const arrangement of arrangements) {
      assert.equal(
        differingRows(alone, await decodeArranged(forward, ids, arrangement), vocab),
        [],
        JSON.stringify({ options, grouped, arrangement }),
      )
      rows += ids.length
    }
    await forward.dispose()
  }
  const chunks = [1, 2, 3, 4, 5, 7, 12, 17, 33].map((n): Arrangement => ({
    chunk: () => n,
    permute: n % 2 === 1,
    liveSlots: 64 + 13 * n,
  }))
  const ragged: Arrangement = {
    chunk: (draw) => 1 + Math.floor(6 * draw()),
    siblings: 2,
    permute: true,
    liveSlots: 500,
  }
  await same({ threads: 2 }, false, chunks)
  for (const threads of [1, 3, 4]) await same({ threads }, false, [ragged])
  for (const lanes of [1, 2, 4]) await same({ lanes, threads: 2 }, true, [{ ...ragged, lane: lanes - 1 }])
  console.log(`${rows} rows identical`)
  assert.ok(rows >= 960)
})

accuracy.run()
