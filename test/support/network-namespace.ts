/**
 * Networks of their own for a test's programs (Linux, root): each reaches this machine over links that can be cut while
 * they run. A cut is silent: packets are lost, and nobody closes a connection.
 */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { nodeArgs } from './program.js'

const MAIN = nodeArgs(import.meta.resolve('../../src/cli/main.js'))

/** Addresses that documentation has for itself (RFC 5737); each link takes four of them. */
const RANGE = '203.0.113.0/24'
let links = 0

export interface Link {
  /** Addresses of its two ends: this machine's, and the namespace's. */
  readonly here: string
  readonly there: string
  cut(): void
  mend(): void
}

export interface Namespace {
  readonly links: readonly Link[]
  /** Starts `sequoia` there. */
  start(args: readonly string[]): ChildProcess
  close(): void
}

const succeeds = (...args: string[]): boolean => spawnSync('ip', args, { stdio: 'ignore' }).status === 0

function run(...args: string[]): void {
  const { status, stderr } = spawnSync('ip', args, { encoding: 'utf8' })
  if (status !== 0) throw new Error(`ip ${args.join(' ')}: ${stderr}`)
}

/** Why no namespace can be made here; null where one can. */
export function whyNoNamespace(): string | null {
  const name = `sequoia-try-${process.pid}`
  if (process.platform !== 'linux') return 'network namespaces are a thing of Linux'
  if (!succeeds('netns', 'add', name)) return 'this user may not make network namespaces, or there is no program ip'
  const mayLink = succeeds('-n', name, 'link', 'add', 'one', 'type', 'veth', 'peer', 'name', 'two')
  succeeds('netns', 'del', name)
  if (!mayLink) return 'this user may not make network links'
  const used = spawnSync('ip', ['-4', 'route', 'show', 'root', RANGE], { encoding: 'utf8' }).stdout
  return used === '' ? null : `this machine has routes to ${RANGE}, which the tests use`
}

/** A namespace with so many links to this machine. Throws where `whyNoNamespace` says why. */
export function openNamespace(linkCount = 1): Namespace {
  const name = `sequoia-${process.pid}-${links}`
  const opened: (Link & { close(): void })[] = []
  const close = (): void => {
    process.off('exit', close)
    opened.forEach((link) => link.close())
    succeeds('netns', 'del', name)
  }
  process.once('exit', close)
  run('netns', 'add', name)
  run('-n', name, 'link', 'set', 'lo', 'up')
  for (let i = 0; i < linkCount; i++) opened.push(addLink(name, links++))
  return {
    links: opened,
    start: (args) =>
      spawn('ip', ['netns', 'exec', name, process.execPath, ...MAIN, ...args], { stdio: ['ignore', 'pipe', 'pipe'] }),
    close,
  }
}

function addLink(namespace: string, index: number): Link & { close(): void } {
  const [outside, inside] = [`sq${process.pid % 1e7}o${index}`, `sq${process.pid % 1e7}i${index}`]
  const [net, here, there] = [0, 1, 2].map((i) => RANGE.replace('0/24', String(4 * index + i)))
  run('link', 'add', outside, 'type', 'veth', 'peer', 'name', inside, 'netns', namespace)
  run('addr', 'add', `${here}/30`, 'dev', outside)
  run('-n', namespace, 'addr', 'add', `${there}/30`, 'dev', inside)
  run('-n', namespace, 'link', 'set', inside, 'up')
  const blackhole = ['blackhole', `${net}/30`, 'metric', '1']
  const mend = (): void => {
    run('link', 'set', outside, 'up')
    succeeds('route', 'del', ...blackhole)
  }
  mend()
  const cut = (): void => {
    // What is for the other end must not look for another way.
    run('route', 'add', ...blackhole)
    run('link', 'set', outside, 'down')
  }
  const close = (): void => {
    succeeds('link', 'del', outside)
    succeeds('route', 'del', ...blackhole)
  }
  return { here, there, cut, mend, close }
}
