/** The main thread's side of `keeper-thread.ts`. */
import { once } from 'node:events'
import { startThread } from '../../common/start-thread.js'
import type { KeeperData, KeeperMessage } from './keeper-thread.js'

const HERE_EVERY_MS = 500

export class Keeper {
  private readonly thread
  private readonly beat: NodeJS.Timeout
  private running = 0

  /** `onError` is told where the thread ends by itself: the worker's jobs then go to others. */
  constructor(data: KeeperData, onError: (error: unknown) => void) {
    this.thread = startThread(import.meta.url, 'keeper-thread', { workerData: data, name: 'sequoia keeper' })
    this.thread.on('error', onError)
    this.beat = setInterval(() => this.say({ kind: 'here', running: this.running }), HERE_EVERY_MS)
  }

  /** Resolves when locks are being renewed. */
  async ready(): Promise<void> {
    await once(this.thread, 'message')
  }

  /** Renews the lock that a token has on a job of a queue until it is let go. */
  hold(queue: string, jobId: string, token: string): void {
    this.running++
    this.say({ kind: 'hold', queue, jobId, token })
  }

  letGo(token: string): void {
    this.running--
    this.say({ kind: 'let go', token })
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
