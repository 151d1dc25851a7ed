import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { filled, from, table } from '../../../bench/report/markers.js'

const text = 'before\n<!-- figures one -->\nold\nfigures\n<!-- /figures -->\nafter\n'

test('what stands between markers is made anew, and nothing else', () => {
  const once = filled(text, { one: () => 'new' })
  assert.is(once, 'before\n<!-- figures one -->\nnew\n<!-- /figures -->\nafter\n')
  assert.is(filled(once, { one: () => 'new' }), once)
})

test('a name without a figure and a marker without its end are told', () => {
  assert.throws(() => filled(text, { two: () => '' }), 'no figure is called one; there are two')
  assert.throws(() => filled('<!-- figures one -->\n', {}), '1 markers of figures begin and 0 end')
})

test('tables and sources are Markdown', () => {
  assert.is(table(['a', 'b'], [[1, 'x']]), '| a | b |\n|---|---|\n| 1 | x |')
  const source = { date: '2026-01-02', command: 'npm run bench -- cpu', machine: { cpu: 'A', cores: 2, node: 'v20' } }
  assert.is(
    from(source, 'cpu.json', '../'),
    '2 cores of A, Node v20, 2026-01-02, `npm run bench -- cpu`, [figures](../bench/results/cpu.json)',
  )
})

test.run()
