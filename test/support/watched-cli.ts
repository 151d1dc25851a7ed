/**
 * Run in a process of its own: the `sequoia` program, which tells its parent how late its event loop is and what memory
 * it holds, whenever it is asked.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks'
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

/** Most that was computed between two turns of a timer, which comes in every turn of the event loop. */
let heldMsMost = 0
let before = computedMs()
const tick = (): void => {
  const now = computedMs()
  heldMsMost = Math.max(heldMsMost, now - before)
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
    heldMsMost,
    rss,
    heap: heapUsed,
    external,
  }
  delay.reset()
  heldMsMost = 0
  before = computedMs()
  process.send!(watch)
})
// The channel to the parent must not keep a server alive that was told to end.
process.channel!.unref()

void import('../../src/cli/main.js')
