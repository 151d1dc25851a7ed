/** Compiling in a thread: the event loop goes on, answers find who asked, the end. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { CompilerThread } from '../../src/grammar/compiler-thread.js'
import { SequoiaError } from '../../src/spec/errors.js'
import type { GrammarMask } from '../../src/grammar/grammar-mask.js'
import { plainGrammar } from '../../src/grammar/answer-grammar.js'
import { Grammars } from '../../src/grammar/grammars.js'
import { words } from './support/words.js'

/** Slow to compile: every count of every class is looked at with every word. */
const slow = (from: number): string => `root ::= [a-z]{${from},40} ([A-Z]{1,40} | [a-f]{1,40})`

/** The longest time that the event loop was away during `work`, and how long that took; ms. */
async function longestGap(work: () => Promise<unknown>): Promise<{ gapMs: number; tookMs: number }> {
  const started = performance.now()
  let [last, gapMs, over] = [started, 0, false]
  const turn = (): void => {
    const now = performance.now()
    gapMs = Math.max(gapMs, now - last)
    last = now
    if (!over) setImmediate(turn)
  }
  setImmediate(turn)
  await work()
  over = true
  return { gapMs, tookMs: performance.now() - started }
}

function allows(mask: GrammarMask, letter: string): boolean {
  const row = new Float32Array(300)
  mask.apply(row)
  return row[letter.charCodeAt(0)] === 0
}

test('while a grammar is compiled the event loop goes on', async () => {
  const grammars = new Grammars(words(12_000))
  ;(await grammars.mask(plainGrammar('root ::= "a"'))).dispose()
  const { gapMs, tookMs } = await longestGap(async () => (await grammars.mask(plainGrammar(slow(1)))).dispose())
  await grammars.close()
  assert.ok(tookMs > 100, `compiled within ${tookMs} ms: too quick to tell`)
  assert.ok(gapMs < tookMs / 3, `the event loop was away for ${gapMs} of ${tookMs} ms`)
})

test('texts asked for at once get each its own grammar, and each its own reason', async () => {
  const grammars = new Grammars(words(300))
  const [a, wrong, b] = await Promise.allSettled(
    ['root ::= "a"', 'root ::= nowhere', 'root ::= "b" [a-z]{1,30}'].map((text) => grammars.mask(plainGrammar(text))),
  )
  assert.ok(a.status === 'fulfilled' && b.status === 'fulfilled' && wrong.status === 'rejected')
  assert.equal(
    [a, b].map(({ value }) => 'ab'.split('').filter((letter) => allows(value, letter))),
    [['a'], ['b']],
  )
  assert.match(wrong.reason.message, /the grammar cannot be used: .*nowhere/)
  await grammars.close()
})

test('closing ends what is being compiled with `closed`', async () => {
  const thread = new CompilerThread(words(12_000))
  await thread.compile('root ::= "a"')
  const waiting = thread.compile(slow(2)).then(
    () => null,
    (error: unknown) => error,
  )
  await new Promise(setImmediate)
  await thread.close()
  assert.is(((await waiting) as SequoiaError).code, 'closed')
  assert.is(((await thread.compile('root ::= "a"').catch((error: unknown) => error)) as SequoiaError).code, 'closed')
})

test.run()
