/**
 * Run in a process of its own: the `sequoia` program, which tells its parent how late its event loop is and what memory
 * it holds, whenever it is asked.
 */
import { createHistogram, monitorEventLoopDelay } from 'node:perf_hooks'
import { existsSync, readFileSync } from 'node:fs'
import type { Watch } from './watched-server.js'

const TICK_MS = 5
const MAIN_THREAD = '/proc/thread-self/schedstat'

/**
 * Milliseconds that the main thread has computed; where the system does not say, all that have gone by: then a machine
 * that is busy with other things counts too.
 */
const computedMs: () => number = existsSync(MAIN_THREAD)
  ? () => Number(readFileSync(MAIN_THREAD, 'latin1').split(' ')[0]) / 1e6
  : () => performance.now()

/** Microseconds computed between two turns of a timer, which comes in every turn of the event loop. */
const held = createHistogram()
let before = computedMs()
const tick = (): void => {
  const now = computedMs()
  held.record(Math.max(1, Math.round((now - before) * 1000)))
  before = now
}
setInterval(tick, TICK_MS).unref()

const delay = monitorEventLoopDelay({ resolution: 1 })
delay.enable()

process.on('message', () => {
  tick()
  globalThis.gc?.()
  const { rss, heapUsed, external } = process.memoryUsage()
  const watch: Watch = {
    lagMsP50: delay.percentile(50) / 1e6,
    lagMsP99: delay.percentile(99) / 1e6,
    lagMsMost: delay.max / 1e6,
    heldMsP99: held.percentile(99) / 1000,
    heldMsMost: held.max / 1000,
    rss,
    heap: heapUsed,
    external,
  }
  delay.reset()
  held.reset()
  before = computedMs()
  process.send!(watch)
})
// The channel to the parent must not keep a server alive that was told to end.
process.channel!.unref()

void import('../../src/cli/main.js')
