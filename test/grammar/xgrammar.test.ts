/** The grammar library in Node: what it says of faults, what it may spend, where its memory is. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { lastReason, MOST_FUEL, openLibrary, openXGrammar, PAGE_BYTES } from '../../src/grammar/xgrammar.js'

test('the reason of a failure is told without the place in the library, and nothing reaches the console', async () => {
  const library = openXGrammar()
  await assertFails(library.Grammar.fromEBNF('root ::= nothing'))
  assert.is(lastReason(library), 'EBNF parser error at line 1, column 10: Rule "nothing" is not defined')
})

test('the last of several reasons counts, and lines without one are passed over', () => {
  const library = {
    ...openXGrammar(),
    said: ['[1:2] [FATAL] /a/b.cc:10: first', '[FATAL] c.cc:7: second', 'Aborted()'],
  }
  assert.is(lastReason(library), 'second')
  assert.is(lastReason({ ...library, said: ['Aborted()'] }), undefined)
})

test('work beyond the fuel traps, and the counter stays at zero', async () => {
  const library = openXGrammar()
  assert.is(library.fuel(), MOST_FUEL)
  library.refuel(500_000)
  await assertFails(library.Grammar.fromEBNF(`root ::= ${'"a" '.repeat(50_000)}`))
  assert.is(library.fuel(), 0)
})

test('an instance has at least the memory it is asked for, in whole pages', async () => {
  const small = openXGrammar()
  assert.throws(() => small.memory(), /has not started/)
  await small.Grammar.fromEBNF('root ::= "a"')
  const wanted = small.memory().length + PAGE_BYTES + 1
  const large = openXGrammar(wanted, await openLibrary())
  await large.Grammar.fromEBNF('root ::= "a"')
  assert.is(large.memory().length, small.memory().length + 2 * PAGE_BYTES)
})

async function assertFails(work: Promise<unknown>): Promise<void> {
  const failed = await work.then(
    () => false,
    () => true,
  )
  assert.ok(failed)
}

test.run()
