// @process native
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { createTokenizer } from '../../src/text/tokenizer.js'
import { openCheckpoint } from '../../src/import/open-checkpoint.js'
import { decodeArranged, differingRows } from '../support/bits.js'
import { imported, openImported } from '../support/imported.js'
import { LogitDistance } from '../support/logit-distance.js'

const prompts = JSON.parse(readFileSync(new URL('../fixtures/prompts.json', import.meta.url), 'utf8')) as string[]

for (const name of ['target', 'draft']) {
  test(`the micro ${name} in W8A8 is close to its fp32, and its bits do not depend on the arrangement`, async () => {
    const checkpoint = await openCheckpoint(fileURLToPath(new URL(`../../models/micro/${name}.gguf`, import.meta.url)))
    const tokens = createTokenizer(checkpoint.tokenizer).encode(prompts.join('\n')).slice(0, 240)
    const exact = await openImported(await imported(checkpoint, 'fp32'), { slots: 512 })
    const rounded = await openImported(await imported(checkpoint, 'w8a8'), { slots: 512 })
    await checkpoint.close()
    const whole = await decodeArranged(rounded, tokens, { chunk: () => tokens.length })
    const distance = new LogitDistance()
    distance.add(await decodeArranged(exact, tokens, { chunk: () => tokens.length }), whole, exact.info.vocab)
    const inTrees = await decodeArranged(rounded, tokens, {
      chunk: (draw) => 1 + Math.floor(9 * draw()),
      siblings: 1,
      permute: true,
      liveSlots: 400,
    })
    await Promise.all([exact.dispose(), rounded.dispose()])
    console.log(`micro ${name}: ${distance}`)
    assert.ok(distance.kl < 0.02 && distance.top1 > 0.93, `${distance}`)
    assert.equal(differingRows(whole, inTrees, exact.info.vocab), [])
  })
}

test.run()
