/**
 * A network of its own for a test's programs (Linux, root): they reach this machine over one link, which can be cut
 * while they run.
 */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { nodeArgs } from './program.js'

const MAIN = nodeArgs(import.meta.resolve('../../src/cli/main.js'))

/** A network of addresses that documentation has for itself (RFC 5737). */
const HERE = '192.0.2.1'
const THERE = '192.0.2.2'

export interface Network {
  /** This machine's address on the link. */
  readonly here: string
  /** Starts `sequoia` there. */
  start(args: readonly string[]): ChildProcess
  cut(): void
  mend(): void
  close(): void
}

/** Null where this machine lets us make none. */
export function openNetwork(): Network | null {
  const name = `sequoia-${process.pid}`
  const [outside, inside] = [`sq${process.pid % 1e6}a`, `sq${process.pid % 1e6}b`]
  const ip = (...args: string[]): boolean => spawnSync('ip', args).status === 0
  const close = (): void => {
    ip('link', 'del', outside)
    ip('netns', 'del', name)
  }
  const isOpen =
    ip('netns', 'add', name) &&
    ip('link', 'add', outside, 'type', 'veth', 'peer', 'name', inside, 'netns', name) &&
    ip('addr', 'add', `${HERE}/30`, 'dev', outside) &&
    ip('link', 'set', outside, 'up') &&
    ip('-n', name, 'addr', 'add', `${THERE}/30`, 'dev', inside) &&
    ip('-n', name, 'link', 'set', inside, 'up')
  if (!isOpen) {
    close()
    return null
  }
  process.once('exit', close)
  return {
    here: HERE,
    start: (args) =>
      spawn('ip', ['netns', 'exec', name, process.execPath, ...MAIN, ...args], { stdio: ['ignore', 'pipe', 'pipe'] }),
    cut: () => void ip('link', 'set', outside, 'down'),
    mend: () => void ip('link', 'set', outside, 'up'),
    close,
  }
}
