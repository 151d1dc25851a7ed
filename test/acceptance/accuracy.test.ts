/**
 * SmolLM2 in W8A8 against its own fp32: distance on held-out conversations and in long contexts; the same bits in every
 * arrangement.
 */
import { existsSync } from 'node:fs'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { decodeArranged, differingRows, type Arrangement } from '../support/bits.js'
import { LogitDistance } from '../support/logit-distance.js'
import { smollm2File } from '../support/smollm2.js'
import { heldOutConversations, heldOutText, openSmolLM2 } from '../support/smollm2-models.js'

const accuracy = suite('accuracy')
const check = existsSync(smollm2File) ? accuracy : accuracy.skip
const conversations = existsSync(smollm2File) ? heldOutConversations() : []

for (const [format, kl, top1] of [
  ['w8a8', 0.016, 0.93],
  ['q4', 0.005, 0.95],
] as const) {
  check(
    `${format}: KL to fp32 is at most ${kl}, the likeliest token agrees in ${top1}, over 12 conversations`,
    async () => {
      const distance = new LogitDistance()
      const [exact, rounded] = [await openSmolLM2('fp32', { slots: 512 }), await openSmolLM2(format, { slots: 512 })]
      for (const ids of conversations) {
        const whole: Arrangement = { chunk: () => ids.length }
        distance.add(
          await decodeArranged(exact, ids, whole),
          await decodeArranged(rounded, ids, whole),
          exact.info.vocab,
        )
      }
      await Promise.all([exact.dispose(), rounded.dispose()])
      console.log(`${format}: ${distance}`)
      assert.ok(distance.kl <= kl && distance.top1 >= top1, `${distance}`)
    },
  )
}

check(
  'KL to fp32 in long contexts: the second half of every 512 and of every 2,048 tokens, and the last quarter of 8,192',
  async () => {
    const text = heldOutText()
    const [exact, rounded] = [await openSmolLM2('fp32', { slots: 8192 }), await openSmolLM2('w8a8', { slots: 8192 })]
    for (const [length, from] of [
      [512, 256],
      [2048, 1024],
      [8192, 6144],
    ]) {
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
      console.log(`${length} tokens: ${distance}`)
      assert.ok(distance.kl <= 0.016 && distance.top1 >= 0.93, `${length} tokens: ${distance}`)
    }
    await Promise.all([exact.dispose(), rounded.dispose()])
  },
)

check('960 rows have the same bits whatever their number, order, siblings, slots, lanes and threads', async () => {
  const ids = conversations[3].slice(0, 64)
  const first = await openSmolLM2('w8a8', { slots: 512, threads: 1 })
  const { vocab } = first.info
  const alone = await decodeArranged(first, ids)
  await first.dispose()
  let rows = 0
  const same = async (
    options: { lanes?: number; threads?: number },
    grouped: boolean,
    arrangements: Arrangement[],
  ): Promise<void> => {
    const forward = await openSmolLM2('w8a8', { slots: 512, ...options }, grouped)
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
