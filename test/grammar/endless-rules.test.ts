/** Rules that produce nothing are found, whatever circle they are in. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { endlessRule } from '../../src/grammar/endless-rules.js'

test('a rule all of whose ways lead back to itself is named', () => {
  const cases: [string, string | null][] = [
    ['root ::= root', 'root'],
    ['root ::= a\na ::= b\nb ::= a', 'root'],
    ['root ::= "x" | "y" a\na ::= "z" a', 'a'],
    ['root ::= (a | "x" (a "y"))\na ::= a', 'root'],
    ['root ::= a{2}\na ::= a "b" # | "c"', 'root'],
    ['root ::= root "a" | "b"', null],
    ['root ::= "(" root? ")"', null],
    ['root ::= ("x" root)* "|"', null],
    ['root ::= root{0,3} [|]', null],
    ['root ::= "" | root', null],
    ['root ::= TagDispatch(("<", call), stop_eos=true)\ncall ::= "x"', null],
  ]
  for (const [text, found] of cases) assert.is(endlessRule(text), found, text)
})

test.run()
