import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { pageOf, pageQuery } from '../../src/scale/pages.js'
import type { ApiError } from '../../src/serve/index.js'

const all = ['b', 'd', 'a', 'c'].map((id) => ({ id }))
const ids = (page: { data: { id: string }[] }): string => page.data.map(({ id }) => id).join('')

function refused(run: () => unknown): [number, string | null] {
  try {
    run()
  } catch (error) {
    const { status, param } = error as ApiError
    return [status, param]
  }
  return assert.unreachable() as never
}

test('pages follow one another without gap or repetition, and the last says so', () => {
  const first = pageOf(all, { limit: 3, order: 'desc' })
  assert.equal([ids(first), first.first_id, first.last_id, first.has_more], ['dcb', 'd', 'b', true])
  const second = pageOf(all, { after: 'b', limit: 3, order: 'desc' })
  assert.equal([ids(second), second.has_more], ['a', false])
  assert.is(pageOf(all, { limit: 4, order: 'desc' }).has_more, false)
  assert.is(ids(pageOf(all, { after: 'b', limit: 9, order: 'asc' })), 'cd')
})

test('a page behind the last one is empty; one behind what is not there is refused', () => {
  assert.equal(pageOf(all, { after: 'd', limit: 2, order: 'asc' }), {
    object: 'list',
    data: [],
    first_id: null,
    last_id: null,
    has_more: false,
  })
  assert.equal(
    refused(() => pageOf(all, { after: 'x', limit: 2, order: 'asc' })),
    [400, 'after'],
  )
})

test('a query has defaults, and each of its fields its bounds', () => {
  const read = (text: string): object => pageQuery(new URLSearchParams(text), { limit: 20, most: 100 })
  assert.equal(read(''), { after: undefined, limit: 20, order: 'desc' })
  assert.equal(read('after=a&limit=100&order=asc'), { after: 'a', limit: 100, order: 'asc' })
  for (const limit of ['0', '101', '1.5', '-1', '', '1e1', 'ten'])
    assert.equal(
      refused(() => read(`limit=${limit}`)),
      [400, 'limit'],
      limit,
    )
  assert.equal(
    refused(() => read('order=up')),
    [400, 'order'],
  )
})

test.run()
