/**
 * A process that answers one JSON request a line with one JSON line, `{ error }` where it cannot. First of all, before
 * any work, it sends a line to say that it is ready.
 */
import { spawn, type ChildProcessByStdio } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'

export class JsonProcess {
  private readonly lines: AsyncIterator<string>

  private constructor(private readonly child: ChildProcessByStdio<Writable, Readable, null>) {
    this.lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  }

  /** Resolves when it is ready. */
  static async start([file, ...args]: readonly string[]): Promise<JsonProcess> {
    const started = new JsonProcess(spawn(file, args, { stdio: ['pipe', 'pipe', 'inherit'] }))
    await started.read()
    return started
  }

  get pid(): number {
    return this.child.pid!
  }

  /**
   * Throws where the process ends before it answers (the system ends one that takes more memory than it may), or is
   * ended for its slowness, and where it answers with an error.
   */
  async ask<T>(request: object, timeoutMs?: number): Promise<T> {
    let isLate = false
    const timer =
      timeoutMs === undefined ? undefined : setTimeout(() => (isLate = this.child.kill('SIGKILL')), timeoutMs)
    this.child.stdin.write(`${JSON.stringify(request)}\n`)
    try {
      return (await this.read()) as T
    } catch (error) {
      throw isLate ? new Error(`stopped: no answer within ${timeoutMs! / 1000} s`, { cause: error }) : error
    } finally {
      clearTimeout(timer)
    }
  }

  async close(): Promise<void> {
    this.child.stdin.end()
    await this.ended()
  }

  private async read(): Promise<unknown> {
    const { value, done } = await this.lines.next()
    if (done) {
      await this.ended()
      throw new Error(
        this.child.signalCode === 'SIGKILL'
          ? 'killed, as the system does with one that takes more memory than it may'
          : `ended with ${this.child.exitCode ?? this.child.signalCode} before it answered`,
      )
    }
    const answer = JSON.parse(value) as { error?: string }
    if (answer.error !== undefined) throw new Error(answer.error)
    return answer
  }

  private async ended(): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null) await once(this.child, 'exit')
  }
}
