/** The engine's own side of its events. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { Emitter } from '../../src/observe/emitter.js'

const EVENT = { tokens: 3, bytes: 12 }

test('an event is heard while someone listens to it, and not by those who listen to another', () => {
  const emitter = new Emitter()
  const heard: unknown[] = []
  const listener = (event: unknown): void => void heard.push(event)
  assert.is(emitter.isHeard('eviction'), false)
  emitter.listeners.on('eviction', listener)
  assert.equal([emitter.isHeard('eviction'), emitter.isHeard('step')], [true, false])
  emitter.emit('eviction', EVENT)
  emitter.listeners.off('eviction', listener)
  emitter.emit('eviction', EVENT)
  assert.equal(heard, [EVENT])
})

test('who asked for one event gets one', () => {
  const emitter = new Emitter()
  let count = 0
  emitter.listeners.once('eviction', () => void count++)
  emitter.emit('eviction', EVENT)
  emitter.emit('eviction', EVENT)
  assert.is(count, 1)
})

test.run()
