/**
 * 20,000 malformed requests (`FUZZ_REQUESTS` sets another number) to `sequoia serve` on the micro pair, 32 connections
 * at a time: every one is answered or, where it is no request, its connection closed; none by a fault of the server's;
 * the server is after them what it was before.
 */
import { once } from 'node:events'
import { connect } from 'node:net'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { post } from '../support/http-app.js'
import { malformed, type Malformed } from '../support/malformed.js'
import { eventuallyNothingHeld, megabytes, watchedServer, type WatchedServer } from '../support/watched-server.js'

const REQUESTS = Number(process.env.FUZZ_REQUESTS ?? 20_000)
const AT_ONCE = 32
/** An answer that takes longer hangs. */
const LIMIT_SECONDS = 60
/** Memory may grow by this between a fifth of the way and the end. */
const GROWTH_BYTES = 48 * 2 ** 20

const fuzz = suite('malformed requests')
let server: WatchedServer
fuzz.before(
  async () =>
    void (server = await watchedServer([
      '--max-context',
      '96',
      '--max-body-bytes',
      '1000000',
      '--tool-prompt',
      'generic',
    ])),
)
fuzz.after(async () => void (await server.stop()))

/**
 * What comes back on a fresh connection: everything that the server sends until it closes; null where that takes too
 * long.
 */
async function exchange(url: string, { bytes, isOpenEnded }: Malformed): Promise<string | null> {
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname)
  const pieces: Buffer[] = []
  // Ticks, not a time: a machine that sleeps in between is no server that hangs.
  let seconds = 0
  const limit = setInterval(() => ++seconds > LIMIT_SECONDS && socket.destroy(new Error('hangs')), 1000)
  let hangs = false
  // A server that has had enough closes before it has read all.
  socket.on('error', (error) => (hangs = error.message === 'hangs')).on('data', (piece) => pieces.push(piece))
  if (isOpenEnded) socket.end(bytes)
  else socket.write(bytes)
  await once(socket, 'close').catch(() => undefined)
  clearInterval(limit)
  return hangs ? null : Buffer.concat(pieces).toString('latin1')
}

/** What is wrong with an answer, if anything. */
function fault({ isOpenEnded, isTimed }: Malformed, answer: string | null): string | null {
  if (answer === null) return 'hangs'
  const final = answer.replace(/^HTTP\/1\.1 1\d\d [^]*?\r\n\r\n/, '')
  if (final === '') return isOpenEnded ? null : 'closed without an answer'
  const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(final)?.[1])
  const [head, ...rest] = final.split('\r\n\r\n')
  const body = rest.join('\r\n\r\n')
  if (!(status >= 200 && status < 500) && !(status === 504 && isTimed)) return `status ${status}`
  if (/internal_error/.test(body)) return 'a fault of the server'
  if (/^set-cookie:/im.test(head)) return "a header of the client's making"
  if (status < 400) return null
  if (/node_modules|\n\s+at |\.[jt]s:\d/.test(body)) return 'tells of its inside'
  // What Node's parser refuses never reaches us.
  if (/^content-type: application\/json/im.test(head) && !/"error":\{"message":"/.test(body) && body !== '')
    return 'an error in no known shape'
  return null
}

fuzz(`none of ${REQUESTS} is more than the server can take`, async () => {
  const ask = async (): Promise<string> =>
    (
      await (
        await post(`${server.url}/v1/completions`, {
          model: 'micro',
          prompt: 'This package is',
          max_tokens: 12,
          temperature: 0,
        })
      ).json()
    ).choices[0].text
  const before = await ask()
  const statuses: Record<string, number> = {}
  const faults: string[] = []
  let next = 0
  const client = async (until: number): Promise<void> => {
    while (next < until && faults.length < 10) {
      const number = next++
      const one = malformed(number)
      const answer = await exchange(server.url, one)
      const wrong = fault(one, answer)
      const status = /HTTP\/1\.1 ([2-5]\d\d)/.exec(answer ?? '')?.[1] ?? 'closed'
      statuses[status] = (statuses[status] ?? 0) + 1
      if (wrong)
        faults.push(
          `request ${number} ${wrong}:\n${one.bytes.toString('latin1').slice(0, 600)}\n--\n${answer?.slice(0, 600)}`,
        )
    }
  }
  const clients = (until: number): Promise<unknown> => Promise.all(Array.from({ length: AT_ONCE }, () => client(until)))
  await clients(REQUESTS / 5)
  const early = await server.watch()
  await clients(REQUESTS)
  const late = await server.watch()
  console.log(
    `fuzz: ${JSON.stringify(statuses)}; event loop late by at most ` +
      `${Math.max(early.lagMsMost, late.lagMsMost).toFixed(0)} ms; RSS ${megabytes(early.rss)}, then ` +
      `${megabytes(late.rss)}; heap ${megabytes(early.heap)}, then ${megabytes(late.heap)}`,
  )
  assert.is(faults.join('\n\n'), '')
  assert.ok(statuses[200] > 0.02 * REQUESTS && statuses[400] > 0.3 * REQUESTS, 'too few were almost right, or wrong')
  await eventuallyNothingHeld(server)
  assert.is(await ask(), before)
  assert.is(server.complaints(), '')
  assert.ok(late.rss - early.rss < GROWTH_BYTES && late.heap - early.heap < GROWTH_BYTES, 'memory grows')
})

fuzz.run()
