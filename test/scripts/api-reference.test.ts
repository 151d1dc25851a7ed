import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { apiReference, declarationsOf, readSource } from '../../scripts/api-reference.js'

test('declarations come whole, with their comments; functions without bodies', () => {
  const source = `/** First. */
export type A =
  | 'x'
  | 'y'

/**
 * Two lines
 * of words.
 */
export interface B {
  /** Inside. */
  c: { d: number }
}
export async function e(f: A): Promise<B> {
  return g
}
const hidden = 1
`
  assert.equal(declarationsOf(source), [
    { name: 'A', comment: 'First.', code: "export type A =\n  | 'x'\n  | 'y'" },
    {
      name: 'B',
      comment: 'Two lines\nof words.',
      code: 'export interface B {\n  /** Inside. */\n  c: { d: number }\n}',
    },
    { name: 'e', comment: '', code: 'export async function e(f: A): Promise<B>' },
  ])
})

test('docs/api.md is what the sources say (npm run docs:api)', () => {
  assert.is(readSource('docs/api.md'), apiReference(readSource))
})

test('every declaration that the package exports in its types file is in the reference', () => {
  const reference = readSource('docs/api.md')
  for (const { name } of declarationsOf(readSource('src/api/types.ts'))) assert.match(reference, `### ${name}\n`)
})

test.run()
