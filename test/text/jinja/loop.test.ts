import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { Loop } from '../../../src/text/jinja/loop.js'
import { Native, Stream, Undefined, type Value } from '../../../src/text/jinja/values.js'

const none = new Map<string, Value>()
const at = (loop: Loop, name: string): Value | undefined => loop.view.parts.attribute!(name)

function method(loop: Loop, name: string, ...args: Value[]): Value {
  const found = at(loop, name)
  if (!(found instanceof Native)) throw new Error(`${name} is no method`)
  return found.parts.call!(args, none)
}

test('places are counted from both ends, and depth from the outermost loop', () => {
  const loop = new Loop(['a', 'b', 'c'], 1, undefined)
  loop.advance()
  assert.is(loop.advance(), 'b')
  assert.equal(
    ['index', 'index0', 'revindex', 'revindex0', 'length', 'depth', 'depth0'].map((name) => at(loop, name)),
    [2n, 1n, 2n, 1n, 3n, 2n, 1n],
  )
  assert.equal(
    [at(loop, 'first'), at(loop, 'last'), at(loop, 'previtem'), at(loop, 'nextitem')],
    [false, false, 'a', 'c'],
  )
  assert.is(at(loop, 'nothing'), undefined)
})

test('before the first and after the last item there is none', () => {
  const loop = new Loop([null], 0, undefined)
  assert.is(loop.advance(), null)
  assert.ok(at(loop, 'first') && at(loop, 'last'))
  assert.instance(at(loop, 'previtem'), Undefined)
  assert.instance(at(loop, 'nextitem'), Undefined)
  assert.is(loop.advance(), undefined)
})

test('a stream is read one item ahead, and to its end only for its length', () => {
  const read: bigint[] = []
  function* numbers(): Generator<bigint> {
    for (let i = 0n; i < 4n; i++) {
      read.push(i)
      yield i
    }
  }
  const loop = new Loop(new Stream(numbers()), 0, undefined)
  loop.advance()
  assert.is(read.length, 1)
  assert.is(at(loop, 'last'), false)
  assert.is(read.length, 2)
  assert.is(at(loop, 'length'), 4n)
  assert.is(read.length, 4)
  assert.equal([loop.advance(), loop.advance(), loop.advance(), loop.advance()], [1n, 2n, 3n, undefined])
})

test('values go round, and a change is told', () => {
  const loop = new Loop(['a', 'b', 'c'], 0, undefined)
  const told = ['x', 'x', 'y'].map((value) => {
    loop.advance()
    return [method(loop, 'cycle', 'odd', 'even'), method(loop, 'changed', value)]
  })
  assert.equal(told, [
    ['odd', true],
    ['even', false],
    ['odd', true],
  ])
  assert.throws(() => method(loop, 'cycle'), /no items for cycling/)
})

test('only a loop that says so can be called anew', () => {
  const call = (loop: Loop): Value => loop.view.parts.call!([['inner']], none)
  assert.throws(() => call(new Loop([], 0, undefined)), /'recursive' marker/)
  assert.is(call(new Loop([], 0, ([inner]) => String(inner))), 'inner')
})

test('what cannot be gone through is refused', () => {
  assert.throws(() => new Loop(5n, 0, undefined), /'int' object is not iterable/)
})

test.run()
