/** The main thread's side of `keeper-thread.ts`. */
import { once } from 'node:events'
import { startThread } from '../../common/start-thread.js'
import type { KeeperData, KeeperMessage } from './keeper-thread.js'

const HERE_EVERY_MS = 500

export class Keeper {
  private readonly thread
  private readonly beat: NodeJS.Timeout
  private running = 0

  constructor(data: KeeperData) {
    this.thread = startThread(import.meta.url, 'keeper-thread', { workerData: data, name: 'sequoia keeper' })
    this.beat = setInterval(() => this.say({ kind: 'here', running: this.running }), HERE_EVERY_MS)
  }

  /** Renews the lock of a job until it is let go. */
  hold(jobId: string, token: string): void {
    this.running++
    this.say({ kind: 'hold', jobId, token })
  }

  letGo(jobId: string): void {
    this.running--
    this.say({ kind: 'let go', jobId })
  }

  async close(): Promise<void> {
    clearInterval(this.beat)
    const exited = once(this.thread, 'exit')
    this.say({ kind: 'end' })
    await exited
  }

  private say(message: KeeperMessage): void {
    this.thread.postMessage(message)
  }
}
