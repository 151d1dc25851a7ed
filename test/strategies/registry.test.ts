import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { InvalidArgumentError } from '../../src/spec/errors.js'
import { registryOf, withOwn } from '../../src/strategies/registry.js'

interface Entry {
  name: string
  plan(): number
}
const entry = (name: string, answer = 0): Entry => ({ name, plan: () => answer })
const shipped = registryOf([entry('one'), entry('two')])

test('entries are found by name, a caller’s own behind those that are shipped', () => {
  const all = withOwn(shipped, [entry('three', 3)], 'planners', ['plan'])
  assert.equal([...all.keys()], ['one', 'two', 'three'])
  assert.is(all.get('three')!.plan(), 3)
  assert.equal([...shipped.keys()], ['one', 'two'], 'the shipped registry is left as it is')
})

const refused: [what: string, own: unknown[], param: string, message: RegExp][] = [
  ['a name that is shipped', [entry('two')], 'planners[0].name', /"two" is taken; give it another name than one, two/],
  ['a name given twice', [entry('a'), entry('a')], 'planners[1].name', /"a" is taken/],
  ['an empty name', [entry('')], 'planners[0].name', /must be a non-empty string/],
  ['nothing at all', [undefined], 'planners[0].name', /must be a non-empty string/],
  ['a missing function', [{ name: 'a' }], 'planners[0].plan', /must be a function; see docs\/plugins\.md/],
]
for (const [what, own, param, message] of refused)
  test(`${what} is refused by its place`, () => {
    assert.throws(
      () => withOwn(shipped, own as Entry[], 'planners', ['plan']),
      (error: Error) => error instanceof InvalidArgumentError && error.param === param && message.test(error.message),
    )
  })

test.run()
