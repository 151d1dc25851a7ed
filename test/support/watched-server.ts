/**
 * `sequoia serve` in a process of its own that can be asked how it fares: how late its event loop is, what memory it
 * holds.
 */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { isDeepStrictEqual } from 'node:util'
import * as assert from 'uvu/assert'
import { servedUrl } from './cli.js'
import { nodeArgs } from './program.js'

const PROGRAM = nodeArgs(import.meta.resolve('./watched-cli.js'))

/** The event loop's delay since it was last asked; bytes of memory after a collection of garbage. */
export interface Watch {
  lagMsP50: number
  lagMsP99: number
  lagMsMost: number
  /** Milliseconds that the main thread computed without a turn of the event loop: 99 of 100 turns, and at most. */
  heldMsP99: number
  heldMsMost: number
  rss: number
  heap: number
  external: number
}

export interface WatchedServer {
  url: string
  watch(): Promise<Watch>
  /** What `/healthz` says of the slots and the queue. */
  held(): Promise<{ running: number; waiting: number; slotsUsed: number }>
  /** What it wrote on standard error: errors of its log, and Node's words. */
  complaints(): string
  /** Ends it as an operator does; resolves with its exit code. */
  stop(): Promise<number | null>
}

/** Serves `model`; `flags` come on top. */
export async function watchedServer(flags: readonly string[] = [], model = 'micro'): Promise<WatchedServer> {
  const child = fork(PROGRAM.at(-1)!, ['serve', '--model', model, '--port', '0', '--log-level', 'error', ...flags], {
    execArgv: ['--expose-gc', ...PROGRAM.slice(0, -1)],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  let complaints = ''
  child.stderr!.setEncoding('utf8').on('data', (text: string) => (complaints += text))
  const url = await servedUrl(child)
  complaints = ''
  return {
    url,
    watch: async () => {
      const told = once(child, 'message')
      child.send('watch')
      return (await told)[0] as Watch
    },
    held: async () => {
      const { running, waiting, slotsUsed } = (await (await fetch(`${url}/healthz`)).json()) as Awaited<
        ReturnType<WatchedServer['held']>
      >
      return { running, waiting, slotsUsed }
    },
    complaints: () => complaints,
    stop: async () => {
      const ended = once(child, 'exit')
      child.kill('SIGTERM')
      return (await ended)[0] as number | null
    },
  }
}

const NOTHING_HELD = { running: 0, waiting: 0, slotsUsed: 0 }

/**
 * Once its clients have left, a server holds nothing within moments: aborts reach the engine within a step, and the
 * server once the kernel has told it.
 */
export async function eventuallyNothingHeld({ held }: WatchedServer): Promise<void> {
  const end = performance.now() + 5000
  let now = await held()
  while (!isDeepStrictEqual(now, NOTHING_HELD) && performance.now() < end) now = await held()
  assert.equal(now, NOTHING_HELD)
}

export function megabytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(0)} MB`
}
