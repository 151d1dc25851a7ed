/** The module as a contract: what it imports, exports and weighs, and that its document names all of it. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { core, place, randomLogits } from './support/builders.js'

const bytes = readFileSync(createRequire(import.meta.url).resolve('sequoia-onnx/wasm'))
const { Module } = WebAssembly
const module = new Module(bytes)

test('the module imports nothing and weighs less than 64 KB', () => {
  assert.equal(Module.imports(module), [])
  assert.ok(bytes.byteLength < 65_536, `${bytes.byteLength} bytes`)
})

test('the document names every exported function, and no other', () => {
  const document = readFileSync(new URL('../../assembly/README.md', import.meta.url), 'utf8')
  const table = document.slice(document.indexOf('## Functions'), document.indexOf('## Definitions'))
  const named = [...table.matchAll(/^\| ((?:`[^`]+`(?:, )?)+)/gm)]
    .flatMap(([, cell]) => [...cell.matchAll(/`(\w+)/g)].map(([, name]) => name))
    .filter((name) => name !== 'ptr')
  const exported = Module.exports(module)
    .filter(({ kind }) => kind === 'function')
    .map(({ name }) => name)
  assert.equal(
    exported.filter((name) => !named.includes(name)),
    [],
  )
  assert.equal(
    named.filter((name) => !exported.includes(name)),
    [],
  )
})

test('a host can plan, draft and verify with nothing but the exports', () => {
  const { wasm } = core
  const vocab = 64
  const logits = place(Array.from({ length: 8 }, (_, node) => [...randomLogits(vocab, 3 + node)]).flat())
  const acceptance = core.alloc(16)
  core.f64(acceptance, 2).set([0.6, 0.2])
  const frontier = core.alloc(8 * 4 * 9)
  assert.is(wasm.plan_frontier(acceptance, 1, 2, 8, 3, frontier), 0)
  const parents = core.alloc(32)
  assert.is(wasm.plan_tree(acceptance, 1, 2, 6, 3, parents), 0)
  const shape = [...core.i32(parents, 6)]
  const sampling = core.alloc(32)
  core.f64(sampling, 4).set([0.8, 1, 0, 0])
  const key = core.alloc(12)
  core.i32(key, 3).set([7, 0, 0])
  const tokens = core.alloc(32)
  for (let node = 0; node < 6; node++) {
    const children = shape.flatMap((parent, child) => (parent === node ? [child] : []))
    if (children.length > 0)
      assert.is(
        wasm.draft_children(
          logits + node * vocab * 4,
          vocab,
          sampling,
          key,
          10,
          node,
          children.length,
          0,
          tokens + children[0] * 4,
          0,
        ),
        children.length,
      )
  }
  const out = core.alloc(24)
  const length = wasm.verify_coupled(parents, tokens, 6, logits, vocab, sampling, key, 10, out)
  assert.ok(length >= 0 && length < 6)
  const last = length === 0 ? 0 : core.i32(out, 6)[length]
  assert.is(core.i32(out, 6)[0], wasm.choose_token(logits + last * vocab * 4, vocab, sampling, key, 10 + length))
})

test.run()
