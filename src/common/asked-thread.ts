/** A thread that answers questions: started by the first one, again after a failure, and holding up nobody's exit. */
import type { Worker } from 'node:worker_threads'

/** What the thread posts: the number of the question, and whatever else answers it. */
interface Numbered {
  id: number
}

interface Asked<Answer> {
  resolve(answer: Answer): void
  reject(error: Error): void
}

export interface AskedThreadOptions {
  start(): Promise<Worker>
  /** The error of questions that `close` leaves without an answer, and of those after it. */
  closed(): Error
  /** The error of questions that the thread leaves without an answer by ending. */
  ended(cause: unknown): Error
}

export class AskedThread<Question extends object, Answer extends Numbered> {
  private worker: Promise<Worker> | null = null
  private readonly asked = new Map<number, Asked<Answer>>()
  private count = 0
  private isClosed = false

  constructor(private readonly options: AskedThreadOptions) {}

  /**
   * The thread gets the question with a number as `id`, and posts its answer with the same. `memory` of the question is
   * handed over in place of a copy.
   */
  async ask(question: Question, memory: readonly ArrayBuffer[] = []): Promise<Answer> {
    if (!this.isClosed) this.worker ??= this.start()
    const worker = await this.worker
    if (!worker || this.isClosed) throw this.options.closed()
    const id = this.count++
    return new Promise((resolve, reject) => {
      this.asked.set(id, { resolve, reject })
      worker.ref()
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has none
      worker.postMessage({ ...question, id }, memory)
    })
  }

  /** Ends the thread; questions that it has not answered yet fail. */
  async close(): Promise<void> {
    this.isClosed = true
    const worker = await this.worker
    await worker?.terminate()
  }

  private async start(): Promise<Worker> {
    const worker = await this.options.start()
    worker.on('message', (answer: Answer) => this.take(answer, worker))
    let cause: unknown
    worker.on('error', (error) => (cause = error))
    worker.on('exit', () => this.lose(cause))
    worker.unref()
    return worker
  }

  private take(answer: Answer, worker: Worker): void {
    const { resolve } = this.asked.get(answer.id)!
    this.asked.delete(answer.id)
    if (this.asked.size === 0) worker.unref()
    resolve(answer)
  }

  /** The next question starts another thread. */
  private lose(cause: unknown): void {
    this.worker = null
    const error = this.isClosed ? this.options.closed() : this.options.ended(cause)
    for (const { reject } of this.asked.values()) reject(error)
    this.asked.clear()
  }
}
