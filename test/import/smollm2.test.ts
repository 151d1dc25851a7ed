// @process own
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { decodeArranged, differingRows, type Arrangement } from '../support/bits.js'
import { LogitDistance } from '../support/logit-distance.js'
import { realModelTest } from '../support/smollm2.js'
import { heldOutConversations, openSmolLM2, referenceLogits } from '../support/smollm2-models.js'

realModelTest('fp32 logits of SmolLM2 are those of PyTorch transformers, to 1e-3', async () => {
  const { sample, prompts } = referenceLogits()
  const forward = await openSmolLM2('fp32')
  const { vocab } = forward.info
  let worst = 0
  for (const { ids, positions } of prompts) {
    const logits = await decodeArranged(forward, ids, { chunk: () => ids.length })
    for (const { position, top, topLogits, sampleLogits } of positions) {
      const row = logits.subarray(position * vocab, (position + 1) * vocab)
      const differences = [
        ...top.map((token, i) => row[token] - topLogits[i]),
        ...sample.map((token, i) => row[token] - sampleLogits[i]),
      ]
      worst = Math.max(worst, ...differences.map(Math.abs))
    }
  }
  await forward.dispose()
  console.log(`largest difference ${worst.toExponential(2)}`)
  assert.ok(worst < 1e-3, `largest difference ${worst}`)
})

realModelTest('W8A8 SmolLM2 stays close to its fp32 on held-out conversations', async () => {
  const distance = new LogitDistance()
  const [exact, rounded] = [await openSmolLM2('fp32', { slots: 512 }), await openSmolLM2('w8a8', { slots: 512 })]
  for (const ids of heldOutConversations().slice(0, 2)) {
    const whole: Arrangement = { chunk: () => ids.length }
    distance.add(await decodeArranged(exact, ids, whole), await decodeArranged(rounded, ids, whole), exact.info.vocab)
  }
  await Promise.all([exact.dispose(), rounded.dispose()])
  console.log(`${distance}`)
  assert.ok(distance.kl < 0.02 && distance.top1 > 0.91, `${distance}`)
})

realModelTest(
  'W8A8 logits of SmolLM2 have the same bits one by one, in chunks, in trees, in permuted slots and beside other lanes',
  async () => {
    const ids = heldOutConversations()[2].slice(0, 40)
    const single = await openSmolLM2('w8a8', { slots: 160 })
    const { vocab } = single.info
    const alone = await decodeArranged(single, ids)
    const arrangements: Arrangement[] = [
      { chunk: () => 40 },
      { chunk: () => 7, permute: true, liveSlots: 150 },
      { chunk: (draw) => 1 + Math.floor(4 * draw()), siblings: 2, permute: true },
    ]
    for (const arrangement of arrangements)
      assert.equal(
        differingRows(alone, await decodeArranged(single, ids, arrangement), vocab),
        [],
        JSON.stringify(arrangement),
      )
    await single.dispose()
    const several = await openSmolLM2('w8a8', { slots: 160, lanes: 2 })
    assert.equal(
      differingRows(
        alone,
        await decodeArranged(several, ids, { lane: 1, siblings: 1, permute: true, chunk: () => 5 }),
        vocab,
      ),
      [],
    )
    await several.dispose()
  },
)

test.run()
