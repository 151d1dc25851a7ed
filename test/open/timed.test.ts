/** What is said of equal bits when a model is opened. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { formats } from '../../src/formats/index.js'
import { checkExactness } from '../../src/open/timed.js'
import type { ModelRunner } from '../../src/passes/model-runner.js'
import type { TimedPasses } from '../../src/speculation/time-passes.js'
import { modelWith, optionsWith } from './support.js'

/** A format whose integers this processor multiplies exactly, or not. */
const toy = (areExact: boolean, exact = true): void =>
  void formats.set('toy', {
    ...formats.get('w8a8')!,
    exact,
    integers: { best: () => Promise.resolve('uint8'), areExact: () => Promise.resolve(areExact) },
  })

const test = suite('exactness of an opened model')
test.after.each(() => void formats.delete('toy'))

async function checked(isExact: boolean | undefined, integers: 'uint8' | null = 'uint8') {
  const said: string[] = []
  const options = optionsWith({ onProgress: ({ text }) => said.push(text) })
  const model = modelWith({ format: 'toy', integers })
  const timed = { profile: { isExact } } as TimedPasses
  return { exact: await checkExactness(options, model, {} as ModelRunner, timed), said }
}

test('a model has equal bits where its integers multiply exactly and its passes agreed', async () => {
  toy(true)
  assert.equal(await checked(true), { exact: true, said: [] })
})

test('a format that promises equal bits warns where this processor does not keep them', async () => {
  for (const [areExact, passes] of [
    [false, true],
    [true, false],
  ] as const) {
    toy(areExact)
    const { exact, said } = await checked(passes)
    assert.is(exact, false)
    assert.is(said.length, 1)
    assert.match(said[0], /^warning: .* equal plain decoding up to ties only$/)
  }
})

test('without integers nothing is promised and nothing is said', async () => {
  toy(true, false)
  assert.equal(await checked(true, null), { exact: false, said: [] })
})

test.run()
