/** `sequoia worker` processes on the micro pair (or another model) that tests start, kill and start again. */
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { start } from './cli.js'

export interface Fleet {
  readonly size: number
  /** Starts one more, as `program` does (here, if left out); resolves when it takes requests. */
  add(program?: (args: readonly string[]) => ChildProcess, redis?: string): Promise<void>
  /** Ends the one that was started first, at once, and resolves when it is gone. */
  killOldest(): Promise<void>
  killNewest(): Promise<void>
  close(): Promise<void>
}

export function fleetOf(redis: string, model = 'micro'): Fleet {
  const running: ChildProcess[] = []
  return {
    get size() {
      return running.length
    },
    add: async (program = start, address = redis) => {
      const child = program(['worker', '--redis', address, '--model', model])
      let said = ''
      child.stderr!.setEncoding('utf8').on('data', (text: string) => (said += text))
      const ready = once(child.stdout!, 'data')
      const ended = once(child, 'exit').then(() => {
        throw new Error(`the worker ended before it was ready: ${said}`)
      })
      await Promise.race([ready, ended])
      ended.catch(() => undefined)
      running.push(child)
    },
    killOldest: () => kill(running.shift()!),
    killNewest: () => kill(running.pop()!),
    close: async () => {
      for (const child of running.splice(0)) await kill(child)
    },
  }
}

async function kill(child: ChildProcess): Promise<void> {
  const exited = once(child, 'exit')
  child.kill('SIGKILL')
  await exited
}
