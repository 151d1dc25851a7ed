import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { MEANING_AT, Settings } from '../../../src/cli/chat/settings.js'

const given = (settings: Settings) =>
  Object.fromEntries(Object.entries(settings.fields).filter(([, value]) => value !== undefined))

test('a setting is changed by the name and the rules of its flag, and taken back by default', () => {
  const settings = new Settings({ temperature: 0.5, 'max-tokens': 9 })
  settings.set('temperature 0.8')
  settings.set('seed   7')
  settings.set('draft none')
  settings.set('max-tokens default')
  assert.equal(given(settings), { temperature: 0.8, seed: 7n, draft: 'none' })
})

test('what was not said is left to the engine', () => {
  assert.equal(given(new Settings()), {})
})

test('flags of the command that are no settings stay out', () => {
  const flags: ConstructorParameters<typeof Settings>[0] & { draft: string } = { draft: 'model:a.gguf', seed: 1n }
  assert.equal(given(new Settings(flags)), { seed: 1n })
})

test('a wrong name or value says what would do, and changes nothing', () => {
  const settings = new Settings({ temperature: 0.5 })
  assert.throws(
    () => settings.set('temprature 1'),
    /"temprature" \(did you mean "temperature"\?\); known are max-tokens/,
  )
  assert.throws(() => settings.set('temperature hot'), /temperature must be a number from 0 to 100; got "hot"/)
  assert.throws(() => settings.set('top-k'), /top-k takes one value: \/set top-k K/)
  assert.throws(() => settings.set('top-k 1 2'), /top-k takes one value/)
  assert.equal(given(settings), { temperature: 0.5 })
})

test('one setting is told by itself, its meaning at the column where all begin', () => {
  const settings = new Settings()
  const line = settings.told(settings.set('temperature 0.8'))
  assert.match(line, /^  temperature 0\.8 +0 is greedy[^\n]*$/)
  assert.is(line.indexOf('0 is greedy'), MEANING_AT)
})

test('all settings are told with their values', () => {
  assert.match(new Settings({ temperature: 0.5 }).told(), /temperature +0\.5 .*greedy[\s\S]*seed +default /)
})

test.run()
