/**
 * Run in a process of its own: asks an address every 20 ms, and tells its parent, whenever it is asked, how many
 * milliseconds each answer since then took. Requests are not held back by one that waits.
 */
import { Agent, get } from 'node:http'

const EVERY_MS = 20

const [url] = process.argv.slice(2)
const agent = new Agent({ keepAlive: true })
let took: number[] = []
const waiting = new Set<number>()

function ask(): void {
  const began = performance.now()
  waiting.add(began)
  const done = (): void => {
    waiting.delete(began)
    took.push(performance.now() - began)
  }
  get(url, { agent }, (reply) => reply.resume().on('end', done)).on('error', done)
}

setInterval(ask, EVERY_MS)

/** What is still waited for counts as well. */
process.on('message', () => {
  const now = performance.now()
  process.send!([...took, ...Array.from(waiting, (began) => now - began)])
  took = []
})
process.on('disconnect', () => process.exit())
