/** Runs the `sequoia` program in a process of its own. */
import { spawn, type ChildProcess } from 'node:child_process'
import { nodeArgs } from './program.js'

const MAIN = nodeArgs(import.meta.resolve('../../src/cli/main.js'))

export interface Finished {
  code: number | null
  out: string
  err: string
}

/** What suites are told by `SEQUOIA_...` is not for the program, which refuses variables that it does not know. */
const inherited = (): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('SEQUOIA_')))

/** `input`: what comes on standard input; nothing does where it is left out. */
export function start(args: readonly string[], env: NodeJS.ProcessEnv = {}, input?: string): ChildProcess {
  const child = spawn(process.execPath, [...MAIN, ...args], {
    env: { ...inherited(), ...env },
    stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
  })
  child.stdin?.end(input)
  return child
}

export function finished(child: ChildProcess): Promise<Finished> {
  return new Promise((resolve) => {
    let out = ''
    let err = ''
    child.stdout!.setEncoding('utf8').on('data', (text: string) => (out += text))
    child.stderr!.setEncoding('utf8').on('data', (text: string) => (err += text))
    child.on('close', (code) => resolve({ code, out, err }))
  })
}

export function cli(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Finished> {
  return finished(start(args, env))
}

/** The address that `sequoia serve` prints once it listens; rejects with what it said if it ends before. */
export function servedUrl(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = ''
    const listen = (text: string): void => {
      said += text
      const url = said.match(/ at (http:\S+)\/v1/)?.[1]
      if (url) resolve(url)
    }
    child.stdout!.setEncoding('utf8').on('data', listen)
    child.stderr!.setEncoding('utf8').on('data', (text: string) => (said += text))
    child.on('close', (code) => reject(new Error(`the server ended with code ${code}:\n${said}`)))
  })
}
