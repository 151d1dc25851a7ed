/** A Redis of a test's own: Debian's server on a free port, without files, ended with the test process. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { Redis } from 'ioredis'
import type { Test } from 'uvu'

const HAS_REDIS = spawnSync('redis-server', ['--version']).status === 0

/** The suite, or one whose tests skip and say why, where there is no Redis to start. */
export function withRedis(suite: Test): Test['skip'] {
  if (HAS_REDIS) return suite
  return (name, ...rest) => {
    console.log(`skipped (host redis: redis-server is not on this machine): ${String(name)}`)
    suite.skip(name, ...rest)
  }
}

/** Runs before the tests of a suite that needs Redis, and after them. */
export function aroundRedis(suite: Test): { readonly redis: TestRedis } {
  let started: TestRedis | undefined
  suite.before(async () => {
    if (HAS_REDIS) started = await startRedis()
  })
  suite.after(() => started?.close())
  return {
    get redis() {
      return started!
    },
  }
}

export interface TestRedis {
  url: string
  /** A connection for looking into it. */
  client: Redis
  /** Ends it at once (`SIGKILL`). */
  kill(): Promise<void>
  /** Starts it again on the same port, with what its arguments let it keep. */
  start(): Promise<void>
  close(): Promise<void>
}

/** `args` go to `redis-server` behind those that make it memory's alone. */
export async function startRedis(args: readonly string[] = []): Promise<TestRedis> {
  const port = String(await freePort())
  const run = (): ChildProcess =>
    spawn('redis-server', ['--port', port, '--save', '', '--appendonly', 'no', ...args], { stdio: 'ignore' })
  let server = run()
  const end = (): void => void server.kill('SIGKILL')
  process.once('exit', end)
  const url = `redis://127.0.0.1:${port}`
  const client = new Redis(url, { maxRetriesPerRequest: null, retryStrategy: () => 20 })
  client.on('error', () => undefined)
  await client.ping()
  const kill = async (): Promise<void> => {
    const exited = once(server, 'exit')
    end()
    await exited
  }
  return {
    url,
    client,
    kill,
    start: async () => {
      server = run()
      await client.ping()
    },
    close: async () => {
      client.disconnect()
      process.off('exit', end)
      await kill()
    },
  }
}

/** Keys of ours that requests left; not BullMQ's own books, nor what expires within minutes and is to be remembered. */
export async function leftovers(client: Redis): Promise<string[]> {
  const keys = await client.keys('sequoia:*')
  return keys.filter((key) => !/:(meta|id|pc|marker|stalled-check|events)$|^sequoia:(turns|prefix):/.test(key)).sort()
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
