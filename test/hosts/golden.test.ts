// @process own, all cores
/** examples/hosts/golden.json: what all hosts are held to. */
import { readFileSync } from 'node:fs'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { GOLDEN, makeGolden } from '../../examples/hosts/make-golden.js'
import { after, logitsRow, TARGET } from '../../examples/hosts/sessions.js'
import { Core } from '../../src/core/index.js'
import { readGolden } from '../support/hosts.js'

test('the golden vectors are what the package computes today', () => {
  assert.fixture(readFileSync(GOLDEN, 'utf8'), makeGolden())
})

test('the text of every coupled session is what plain decoding emits', () => {
  const core = Core.load()
  for (const session of readGolden().sessions.filter(({ rule }) => rule === 'coupled')) {
    const emitted = [
      session.first,
      ...session.rounds.flatMap(({ tokens, path, token }) => [...path.map((node) => tokens[node]), token]),
    ]
    const key = { seed: (BigInt(session.seed[1]) << 32n) | BigInt(session.seed[0]), choice: session.choice }
    const row = core.alloc(session.vocab * 4)
    let { state, position } = session
    for (const [index, token] of emitted.entries()) {
      core.f32(row, session.vocab).set(logitsRow(state, TARGET, session.vocab))
      assert.is(
        core.chooseToken(row, session.vocab, session.sampling, key, position - 1),
        token,
        `${session.name}, token ${index}`,
      )
      state = after(state, token)
      position++
    }
    core.free(row)
  }
})

test('the sessions reach accepted and rejected children under both rules', () => {
  for (const rule of ['coupled', 'sequoia']) {
    const lengths = readGolden()
      .sessions.filter((session) => session.rule === rule)
      .flatMap(({ rounds }) => rounds.map(({ path }) => path.length))
    assert.ok(lengths.includes(0), `${rule}: a walk that ends at the root`)
    assert.ok(Math.max(...lengths) >= 2, `${rule}: a walk of two levels`)
  }
})

test.run()
