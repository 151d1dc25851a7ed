import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { Drafter } from '../../src/strategies/drafter.js'
import { openDrafters, type DrafterEntry } from '../../src/strategies/drafter-entry.js'
import { drafterOf } from '../speculation/support/builders.js'

const NOTHING = { model: null, pastTokens: 0 }

test('drafters are listed in the order of the registry, without those that lack what they need', () => {
  const entries: DrafterEntry[] = [
    { name: 'first', open: () => drafterOf() },
    { name: 'absent', open: ({ model }) => (model ? drafterOf() : null) },
    { name: 'last', open: () => drafterOf() },
  ]
  assert.equal([...openDrafters(entries, NOTHING).keys()], ['first', 'last'])
})

test('one that others are made of is opened once, whatever the order, and is the same for all', () => {
  let opened = 0
  const shared: DrafterEntry<Drafter> = { name: 'shared', open: () => drafterOf({ name: `${++opened}` }) }
  const made: Drafter[] = []
  const around = (name: string): DrafterEntry => ({
    name,
    open: ({ opened: other }) => {
      made.push(other(shared))
      return drafterOf()
    },
  })
  const drafters = openDrafters([around('before'), shared, around('behind')], NOTHING)
  assert.is(opened, 1)
  assert.ok(made.length === 2 && made.every((one) => one === drafters.get('shared')))
})

test('what could not be opened is not tried again', () => {
  let tries = 0
  const absent: DrafterEntry = {
    name: 'absent',
    open: () => {
      tries += 1
      return null
    },
  }
  const asking: DrafterEntry = { name: 'asking', open: ({ opened }) => opened(absent) }
  assert.is(openDrafters([absent, asking], NOTHING).size, 0)
  assert.is(tries, 1)
})

test('each is given the materials of the engine', () => {
  const given: number[] = []
  openDrafters([{ name: 'one', open: ({ pastTokens }) => (given.push(pastTokens), null) }], {
    ...NOTHING,
    pastTokens: 9,
  })
  assert.equal(given, [9])
})

test.run()
