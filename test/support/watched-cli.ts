/**
 * Run in a process of its own: the `sequoia` program, which tells its parent how late its event loop is and what memory
 * it holds, whenever it is asked.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { Watch } from './watched-server.js'

const delay = monitorEventLoopDelay({ resolution: 1 })
delay.enable()

process.on('message', () => {
  globalThis.gc?.()
  const { rss, heapUsed, external } = process.memoryUsage()
  const watch: Watch = {
    lagMsP50: delay.percentile(50) / 1e6,
    lagMsP99: delay.percentile(99) / 1e6,
    lagMsMost: delay.max / 1e6,
    rss,
    heap: heapUsed,
    external,
  }
  delay.reset()
  process.send!(watch)
})
// The channel to the parent must not keep a server alive that was told to end.
process.channel!.unref()

void import('../../src/cli/main.js')
