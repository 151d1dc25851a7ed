import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { readDeclarations } from '../../../scripts/api/declarations.js'

const SOURCE = `/** What it is. */
import { type U as V } from './u.js'

/** First. */
export type A =
  | 'x'
  | V

/**
 * Two lines
 * of words.
 */
export interface B {
  /** Inside. */
  c: { d: number }
}

export async function e(
  f: A,
  g: B,
): Promise<B> {
  return h
}

/** Not exported. */
const hidden = 1

export const words: string = 'many'

export class K {
  /** Of the machine. */
  private readonly m = 1
  #own = 2
  /** Seen. */
  readonly n: number = 3
  constructor(private readonly o: number) {}
  /** Told. */
  p(q: A): B {
    return r
  }
}
`

test('declarations come whole over any number of lines; functions without bodies', () => {
  const { declarations } = readDeclarations(SOURCE)
  const code = (name: string): string => declarations.get(name)!.code
  assert.is(code('A'), "export type A =\n  | 'x'\n  | V")
  assert.is(code('B'), 'export interface B {\n  /** Inside. */\n  c: { d: number }\n}')
  assert.is(code('e'), 'export async function e(\n  f: A,\n  g: B,\n): Promise<B>')
  assert.is(code('words'), 'export const words: string')
})

test('a class comes with what its users see of it', () => {
  const { code } = readDeclarations(SOURCE).declarations.get('K')!
  assert.is(
    code,
    'export class K {\n  /** Seen. */\n  readonly n: number\n  constructor(o: number)\n  /** Told. */\n  p(q: A): B\n}',
  )
})

test('comments lose their marks, and belong to what follows at once', () => {
  const { header, declarations } = readDeclarations(SOURCE)
  assert.is(header, 'What it is.')
  assert.is(declarations.get('A')!.comment, 'First.')
  assert.is(declarations.get('B')!.comment, 'Two lines\nof words.')
  assert.is(declarations.get('e')!.comment, '')
})

test('types that a declaration speaks of are found, but for those of what is private', () => {
  const { declarations, imports } = readDeclarations(`${SOURCE}export class L { private a: A = 1; b: B = 2 }`)
  assert.equal(declarations.get('A')!.refers, ['V'])
  assert.equal(imports.get('V'), { from: './u.js', name: 'U' })
  assert.equal(declarations.get('e')!.refers, ['A', 'B', 'Promise'])
  assert.equal(declarations.get('L')!.refers, ['B'])
})

test('what is not TypeScript is refused by name', () => {
  assert.throws(() => readDeclarations('export type =', 'odd.ts'), /odd\.ts/)
})

test.run()
