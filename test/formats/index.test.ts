import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { formatNamed, formats, formatsThat, tableFor, usualFormat } from '../../src/formats/index.js'
import { InvalidArgumentError } from '../../src/spec/errors.js'
import { randomLlama } from '../support/random-llama.js'

test('a format is found by its name, under which the registry has it', () => {
  for (const [name, format] of formats) {
    assert.is(format.name, name)
    assert.is(formatNamed(name), format)
  }
})

test('a name that no format has is refused with those there are', () => {
  assert.throws(
    () => formatNamed('int3'),
    (error: unknown) =>
      error instanceof InvalidArgumentError &&
      error.param === 'format' &&
      error.message === 'format must be one of fp32, fp16, w8a8, q4; got "int3"',
  )
})

test('each device has one usual format, which can compute there', () => {
  for (const device of ['cpu', 'cuda'] as const) {
    assert.equal(
      formatsThat(({ usualOn }) => usualOn.includes(device)),
      [usualFormat(device).name],
    )
    assert.ok(usualFormat(device).devices.includes(device))
  }
})

test('a format that rounds to whole numbers is the one that promises equal bits', () => {
  assert.equal(
    formatsThat(({ exact }) => exact),
    formatsThat(({ integers }) => integers !== null),
  )
})

test('a format may keep the embeddings of models with norms behind branches otherwise', () => {
  const { spec } = randomLlama()
  const layers = spec.layers.map((layer) => ({ ...layer, norms: { ...layer.norms, afterMlp: { epsilon: 1 } } }))
  const [w8a8, q4] = [formatNamed('w8a8'), formatNamed('q4')]
  assert.is(tableFor(w8a8, spec), w8a8.table)
  assert.is(tableFor(w8a8, { layers }), w8a8.ownBasisTable)
  assert.is.not(w8a8.ownBasisTable, w8a8.table)
  assert.is(tableFor(q4, { layers }), q4.table)
})

test.run()
