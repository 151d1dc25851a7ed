import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { SequoiaError } from '../../src/spec/errors.js'
import type { Urgency } from '../../src/api/request.js'
import { Queue, type Whose } from '../../src/engine/queue.js'

test('turns are given in the order they were asked for', async () => {
  const queue = new Queue(1, 8)
  const order: number[] = []
  const leaveFirst = await queue.enter()
  const others = [1, 2, 3].map(async (n) => {
    const leave = await queue.enter()
    order.push(n)
    leave()
  })
  assert.is(queue.waiting, 3)
  leaveFirst()
  await Promise.all(others)
  assert.equal(order, [1, 2, 3])
  assert.is(queue.running, 0)
})

/** In which order those who wait for the only place get it. */
async function order(waiting: readonly (Whose & { name: string })[]): Promise<string> {
  const queue = new Queue(1, 8)
  const came: string[] = []
  const leaveFirst = await queue.enter()
  const all = waiting.map(async ({ name, ...whose }) => {
    const leave = await queue.enter(undefined, 0, undefined, whose)
    came.push(name)
    leave()
  })
  leaveFirst()
  await Promise.all(all)
  return came.join('')
}

const of = (caller: string, names: string, urgency: Urgency = 'interactive'): (Whose & { name: string })[] =>
  [...names].map((name) => ({ caller, urgency, name }))

test('callers take turns, however many requests one of them has', async () => {
  assert.is(await order([...of('a', 'abcd'), ...of('b', 'xy'), ...of('c', '1')]), 'ax1bycd')
})

test('who comes later does not stand behind all that others were given before', async () => {
  const queue = new Queue(1, 8)
  const leaveFirst = await queue.enter()
  const leaves = of('a', 'abc').map((whose) => queue.enter(undefined, 0, undefined, whose))
  leaveFirst()
  const leaveA = await leaves[0]
  const late = queue.enter(undefined, 0, undefined, { caller: 'b', urgency: 'interactive' })
  const next = Promise.race([leaves[1].then(() => 'b of a'), late.then(() => 'b'), leaves[2].then(() => 'c of a')])
  leaveA()
  assert.is(await next, 'b of a')
  ;(await leaves[1])()
  assert.is(await Promise.race([late.then(() => 'b'), leaves[2].then(() => 'c of a')]), 'b')
})

test('requests of batches stand behind all that somebody waits for, and take none of their room', async () => {
  assert.is(await order([...of('a', 'xyz', 'batch'), ...of('a', 'ab'), ...of('b', 'c')]), 'acbxyz')
  const queue = new Queue(1, 1)
  const leave = await queue.enter()
  const batch = queue.enter(undefined, 0, undefined, { caller: '', urgency: 'batch' })
  const somebody = queue.enter()
  leave()
  ;(await somebody)()
  ;(await batch)()
})

test('a full queue refuses at once', async () => {
  const queue = new Queue(1, 0)
  const leave = await queue.enter()
  try {
    await queue.enter()
    assert.unreachable()
  } catch (error) {
    assert.instance(error, SequoiaError)
    assert.is((error as SequoiaError).code, 'overloaded')
  }
  leave()
  ;(await queue.enter())()
})

test('where a place is about to be passed on, one more may wait for it', async () => {
  const queue = new Queue(1, 1)
  let over = false
  const leave = await queue.enter(undefined, 0, () => over)
  const first = queue.enter()
  const code = (): Promise<unknown> =>
    queue.enter().then(
      () => null,
      (error: SequoiaError) => error.code,
    )
  assert.is(await code(), 'overloaded')
  over = true
  const second = queue.enter()
  assert.is(queue.waiting, 2)
  assert.is(await code(), 'overloaded')
  leave()
  ;(await first)()
  ;(await second)()
  assert.equal([queue.running, queue.waiting], [0, 0])
})

test('who aborts while waiting leaves the queue and holds up nobody', async () => {
  const queue = new Queue(1, 8)
  const leave = await queue.enter()
  const controller = new AbortController()
  const aborted = queue.enter(controller.signal)
  const next = queue.enter()
  controller.abort(new Error('gone'))
  try {
    await aborted
    assert.unreachable()
  } catch (error) {
    assert.is((error as Error).message, 'gone')
  }
  leave()
  ;(await next)()
  await queue.drained()
  assert.is(queue.waiting, 0)
})

test('who has no room waits for it, and nobody overtakes', async () => {
  const queue = new Queue(8, 8, (slots) => slots.reduce((sum, count) => sum + count, 0) <= 10)
  const entered: string[] = []
  const enter = async (name: string, slots: number, signal?: AbortSignal): Promise<() => void> => {
    const leave = await queue.enter(signal, slots)
    entered.push(name)
    return leave
  }
  const leaveFirst = await enter('six', 6)
  const impatient = new AbortController()
  const tooLarge = enter('eight', 8, impatient.signal).catch((error: Error) => error.name)
  const small = enter('three', 3)
  await Promise.resolve()
  assert.equal([entered, queue.running, queue.waiting], [['six'], 1, 2])
  impatient.abort()
  assert.is(await tooLarge, 'AbortError')
  const leaveSmall = await small
  assert.equal(entered, ['six', 'three'])
  const large = enter('twelve', 12)
  leaveFirst()
  await Promise.resolve()
  assert.is(queue.waiting, 1)
  leaveSmall()
  ;(await large)()
  assert.equal([entered, queue.running], [['six', 'three', 'twelve'], 0], 'alone it has room, whatever it takes')
})

test.run()
