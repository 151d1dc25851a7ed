/**
 * A contender in a process of its own, under a memory limit of what it takes idle, before it opens a model, plus a
 * budget.
 */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { JsonProcess } from '../json-process.js'
import { MemoryGroup } from './memory-group.js'

export interface Limit {
  /** On top of what the process takes idle; Infinity: none. */
  budgetBytes: number
  /** Thrown out of the page cache at the start. */
  modelFiles: readonly string[]
  /** Of what counts as idle, what it takes only with the model: its tokenizer. */
  preparedBytes?: number
  /** For one answer: who needs longer has not enough memory to go on in. */
  timeoutMs: number
}

export interface Usage {
  /** Resident bytes of the process, idle and at most so far. */
  idleBytes: number
  peakBytes: number
  /** What the group may take in all; null where no limit is set. */
  limitBytes: number | null
}

export class LimitedProcess {
  private readonly limitBytes: number | null = null
  private readonly idleBytes: number
  private readonly timeoutMs: number

  private constructor(
    private readonly process: JsonProcess,
    private readonly group: MemoryGroup | null,
    { preparedBytes = 0, budgetBytes, timeoutMs }: Limit,
  ) {
    this.idleBytes = this.status('VmRSS') + preparedBytes
    this.timeoutMs = timeoutMs
    if (!group) return
    this.limitBytes = group.usage + preparedBytes + budgetBytes
    group.limit(this.limitBytes)
  }

  /** Starts a command and limits it. */
  static async start(command: readonly string[], limit: Limit): Promise<LimitedProcess> {
    // Libraries come into the page cache outside of the group, so that no run pays for them and another does not.
    await (await JsonProcess.start(command)).close()
    for (const file of limit.modelFiles) execFileSync('dd', [`if=${file}`, 'iflag=nocache', 'count=0', 'status=none'])
    const made = limit.budgetBytes === Infinity ? null : MemoryGroup.create()
    const group = made instanceof MemoryGroup ? made : null
    return new LimitedProcess(await JsonProcess.start(group ? group.enter(command) : command), group, limit)
  }

  ask<T>(request: object): Promise<T> {
    return this.process.ask(request, this.timeoutMs)
  }

  get usage(): Usage {
    return { idleBytes: this.idleBytes, peakBytes: this.status('VmHWM'), limitBytes: this.limitBytes }
  }

  async close(): Promise<void> {
    await this.process.close()
    await this.group?.remove()
  }

  private status(field: 'VmRSS' | 'VmHWM'): number {
    return (
      1024 *
      Number(
        new RegExp(`^${field}:\\s*(\\d+) kB$`, 'm').exec(readFileSync(`/proc/${this.process.pid}/status`, 'utf8'))![1],
      )
    )
  }
}
