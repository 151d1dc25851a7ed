/**
 * 50,000 bodies grown from our OpenAPI description (`GROWN_REQUESTS` sets another number) to `sequoia serve` on the
 * micro pair, 16 at a time, each that can be compared with drafts and without: none is a fault of the server's, none
 * changes its text by drafting, none stalls the event loop, and memory does not grow.
 */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { bodyText, faultOf, grown, said } from '../support/grown.js'
import { eventuallyNothingHeld, megabytes, watchedServer, type WatchedServer } from '../support/watched-server.js'

const REQUESTS = Number(process.env.GROWN_REQUESTS ?? 50_000)
const AT_ONCE = 16
/** Memory may grow by this in the second half, when prefix cache and kept grammars are full. */
const GROWTH_BYTES = 48 * 2 ** 20
/**
 * Processor time that the event loop may be held for, 99 turns of 100 and at most: requests that come in one turn are
 * read in one.
 */
const HELD_MS = { p99: 50, most: 150 }

const fuzz = suite('grown requests')
let server: WatchedServer
fuzz.before(async () => void (server = await watchedServer(['--max-context', '128', '--tool-prompt', 'generic'])))
fuzz.after(async () => void (await server.stop()))

async function send(path: string, body: string): Promise<{ status: number; text: string }> {
  const headers = { 'content-type': 'application/json' }
  const reply = await fetch(`${server.url}/v1/${path}`, { method: 'POST', headers, body })
  return { status: reply.status, text: await reply.text() }
}

fuzz(`none of ${REQUESTS} is more than the server can take`, async () => {
  const statuses: Record<string, number> = {}
  const faults: string[] = []
  let [next, compared] = [0, 0]
  const client = async (until: number): Promise<void> => {
    while (next < until && faults.length < 10) {
      const number = next++
      const one = grown(number)
      const { status, text } = await send(one.path, bodyText(one.members))
      statuses[status] = (statuses[status] ?? 0) + 1
      const wrong = faultOf(status, text, one)
      const told = `body ${number}: ${bodyText(one.members).slice(0, 800)}\n--\n${text.slice(0, 600)}`
      if (wrong) faults.push(`${wrong}: ${told}`)
      const answer =
        wrong || one.members.has('timeout_ms') || one.members.has('speculation') ? null : said(status, text)
      if (answer === null) continue
      const plain = await send(one.path, bodyText(new Map([...one.members, ['speculation', '{"off":true}']])))
      if (said(plain.status, plain.text) !== answer) faults.push(`another text without drafts: ${told}\n${plain.text}`)
      compared += 1
    }
  }
  const clients = (until: number): Promise<unknown> => Promise.all(Array.from({ length: AT_ONCE }, () => client(until)))
  // What the server did to open does not count.
  await server.watch()
  const began = performance.now()
  await clients(REQUESTS / 2)
  const early = await server.watch()
  await clients(REQUESTS)
  const late = await server.watch()
  const p99 = Math.max(early.heldMsP99, late.heldMsP99)
  const most = Math.max(early.heldMsMost, late.heldMsMost)
  const seconds = (performance.now() - began) / 1000
  console.log(
    `grown: ${JSON.stringify(statuses)}, ${compared} compared, ${(next / seconds).toFixed(0)} bodies a second; event ` +
      `loop held for ${p99.toFixed(0)} ms of processor time at p99, ${most.toFixed(0)} ms at most, late by ` +
      `${Math.max(early.lagMsP99, late.lagMsP99).toFixed(0)} ms at p99; ` +
      `RSS ${megabytes(early.rss)}, then ${megabytes(late.rss)}; heap ${megabytes(early.heap)}, then ` +
      `${megabytes(late.heap)}`,
  )
  assert.is(faults.join('\n\n'), '')
  assert.ok(statuses[200] > REQUESTS / 10 && statuses[400] > REQUESTS / 5, 'too few were right, or wrong')
  await eventuallyNothingHeld(server)
  assert.is(server.complaints(), '')
  assert.ok(p99 < HELD_MS.p99 && most < HELD_MS.most, `the event loop was held for ${p99} ms at p99, ${most} at most`)
  assert.ok(late.rss - early.rss < GROWTH_BYTES && late.heap - early.heap < GROWTH_BYTES, 'memory grows')
})

fuzz.run()
