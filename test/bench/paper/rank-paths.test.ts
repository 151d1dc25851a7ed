// @process native
/** Paths of accepted ranks against whole trees, over the micro pair. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { Drawing } from '../../../bench/paper/drawing.js'
import { atTemperature, openPair, type Pair, questions, type Text, write } from '../../../bench/paper/pair.js'
import { pathAsWritten, StarWalk } from '../../../bench/paper/rank-paths.js'
import { DraftRows, TargetRows } from '../../../bench/paper/rows.js'
import { best, linksOf, tokensAlong } from '../../../bench/paper/shapes.js'
import { verifiers } from '../../../plugins/verifiers/index.js'
import { pathTo } from '../../../src/strategies/tree.js'

let pair: Pair
test.before(async () => {
  pair = await openPair('micro')
})
test.after(() => pair.close())

/** Calls at a few places of a text with both models' rows begun there. */
async function atPlaces(
  temperature: number,
  use: (text: Text, length: number, draft: DraftRows, target: TargetRows) => Promise<void>,
): Promise<void> {
  const text = await write(pair, questions(1)[0], 0, atTemperature(temperature), 16, 24)
  const [draft, target] = [new DraftRows(pair.draft), new TargetRows(pair.target)]
  for (const length of [text.start + 1, text.start + 4, text.start + 9]) {
    await draft.begin(text, length)
    await target.begin(text, length)
    await use(text, length, draft, target)
  }
  draft.release()
  target.release()
}

for (const temperature of [0, 0.8])
  test(`coupling accepts the text itself, T = ${temperature}: in stars, and in a whole tree`, () =>
    atPlaces(temperature, async (text, length, draft, target) => {
      const { core } = pair
      const place = { text, length }
      const written = await pathAsWritten(core, draft, place)
      const stars = new StarWalk(core, draft, target)
      assert.equal(await stars.path(verifiers.get('coupled')!, text.sampling, place), written)
      stars.dispose()
      const { parents } = best(core, pair.shipped.sampled, 24)
      const tree = await new Drawing(core, draft, place, text.sampling, 'coupled').fill(parents)
      const nodes = Array.from(tree.parents, (_, node) =>
        pathTo(tree, node).reduce((at, token) => target.child(at, token), 0),
      )
      await target.rowsOf(nodes)
      const logitsPtr = core.alloc(nodes.length * target.runner.vocab * 4)
      for (const [node, row] of (await target.rowsOf(nodes)).entries())
        core
          .f32(logitsPtr + node * target.runner.vocab * 4, target.runner.vocab)
          .set(core.f32(target.runner.logitsAt(row), target.runner.vocab))
      const walk = { sampling: text.sampling, key: text.key, rootPosition: length - 1 }
      const { path } = verifiers.get('coupled')!.verify(core, { tree, logitsPtr, vocab: target.runner.vocab, ...walk })
      core.free(logitsPtr)
      assert.is(path.length + 1, tokensAlong(linksOf(parents), written))
    }))

test('at temperature 0 all rules accept the same children', () =>
  atPlaces(0, async (text, length, draft, target) => {
    const stars = new StarWalk(pair.core, draft, target)
    const place = { text, length }
    const written = await pathAsWritten(pair.core, draft, place)
    for (const rule of ['sequoia', 'specinfer', 'match'])
      assert.equal(await stars.path(verifiers.get(rule)!, text.sampling, place), written, rule)
    stars.dispose()
  }))

test.run()
