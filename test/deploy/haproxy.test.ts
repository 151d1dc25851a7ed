// @process own
/** deploy/haproxy.cfg, run by HAProxy before several servers on this machine. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { startServer, type RunningServer } from '../../src/cli/server.js'
import { scriptedEngine, type ScriptedEngine } from '../support/scripted-engine.js'
import { tempFolder } from '../support/temp-folder.js'

const RECIPE = fileURLToPath(new URL('../../deploy/haproxy.cfg', import.meta.url))
const HAS_HAPROXY = spawnSync('haproxy', ['-v']).status === 0

const proxies = suite('servers behind HAProxy')
const test: typeof proxies.skip = HAS_HAPROXY
  ? proxies
  : (name, ...rest) => {
      console.log(`skipped (host haproxy: haproxy is not on this machine): ${String(name)}`)
      proxies.skip(name, ...rest)
    }

interface Member {
  engine: ScriptedEngine
  server: RunningServer
}
let members: Member[] = []
let proxy: ChildProcess | undefined
let url = ''

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

proxies.before(async () => {
  if (!HAS_HAPROXY) return
  members = await Promise.all(
    [0, 1, 2].map(async () => {
      const engine = scriptedEngine()
      const server = await startServer({ host: '127.0.0.1', port: 0 })
      server.serve([{ engine }])
      return { engine, server }
    }),
  )
  const port = await freePort()
  let next = 0
  const config = readFileSync(RECIPE, 'utf8')
    .replace('bind :8080', `bind 127.0.0.1:${port}`)
    .replace(/^ {2}(server \w+) \S+/gm, (_, name) => `  ${name} ${new URL(members[next++].server.url).host}`)
  const path = join(tempFolder(), 'haproxy.cfg')
  writeFileSync(path, config)
  proxy = spawn('haproxy', ['-db', '-f', path], { stdio: 'ignore' })
  url = `http://127.0.0.1:${port}`
  while ((await fetch(url).catch(() => null)) === null);
})
proxies.after(async () => {
  proxy?.kill('SIGKILL')
  await Promise.all(members.map(({ server }) => server.drain()))
})

/** Which member answers a request of this session (none: of no session). */
async function answeredBy(session?: string): Promise<number> {
  const before = members.map(({ engine }) => engine.requests.length)
  const response = await fetch(`${url}/v1/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(session && { 'x-session-id': session }) },
    body: JSON.stringify({ model: 'scripted', prompt: 'hi' }),
  })
  assert.is(response.status, 200)
  return members.findIndex(({ engine }, i) => engine.requests.length > before[i])
}

const SESSIONS = Array.from({ length: 24 }, (_, i) => `session-${i}`)

async function homes(): Promise<number[]> {
  const found: number[] = []
  for (const session of SESSIONS) found.push(await answeredBy(session))
  return found
}

test('a conversation stays with one server, and all have some', async () => {
  const first = await homes()
  assert.equal(await homes(), first)
  assert.is(new Set(first).size, 3)
})

test('requests of no conversation go to all servers', async () => {
  const found = new Set<number>()
  for (let i = 0; i < 24; i++) found.add(await answeredBy())
  assert.is(found.size, 3)
})

test('a stream comes through as it is written', async () => {
  const body = JSON.stringify({ model: 'scripted', prompt: 'hi', stream: true })
  const headers = { 'content-type': 'application/json' }
  const text = await (await fetch(`${url}/v1/completions`, { method: 'POST', headers, body })).text()
  assert.match(text, /data: \[DONE\]\n\n$/)
})

test('when a server drains its conversations move, and no others do', async () => {
  const before = await homes()
  await members[1].server.drain()
  const after = await homes()
  after.forEach((home, i) => (before[i] === 1 ? assert.is.not(home, 1) : assert.is(home, before[i])))
})

proxies.run()
