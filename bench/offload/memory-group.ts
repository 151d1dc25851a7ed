/**
 * A limit on what a process and its page cache may take together: a cgroup with the memory controller, version 1 or 2.
 * Where none can be made (no controller, no rights), runs go on without a limit and say so; peak RSS tells then what
 * they took.
 */
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'

/** Files of a group by version of the controller. */
const VERSIONS = {
  1: {
    root: '/sys/fs/cgroup/memory',
    limit: 'memory.limit_in_bytes',
    usage: 'memory.usage_in_bytes',
    swap: 'memory.memsw.limit_in_bytes',
  },
  2: { root: '/sys/fs/cgroup', limit: 'memory.max', usage: 'memory.current', swap: 'memory.swap.max' },
} as const

export class MemoryGroup {
  private constructor(
    readonly version: keyof typeof VERSIONS,
    private readonly path: string,
  ) {}

  /** A new group below this process's own; an explanation where none can be made. */
  static create(): MemoryGroup | { reason: string } {
    const version = existsSync(VERSIONS[1].root) ? 1 : 2
    const { root, limit } = VERSIONS[version]
    // A group of version 2 that has processes cannot have children with controllers: groups are made at the top there.
    const own = version === 1 ? (/^\d+:memory:(.*)$/m.exec(readFileSync('/proc/self/cgroup', 'utf8'))?.[1] ?? '/') : '/'
    const path = join(root, own, `sequoia-bench-${process.pid}-${Date.now().toString(36)}`)
    try {
      mkdirSync(path)
    } catch (error) {
      return { reason: `no cgroup can be made here (${(error as Error).message})` }
    }
    if (existsSync(join(path, limit))) return new MemoryGroup(version, path)
    rmdirSync(path)
    return { reason: `the cgroups at ${root} have no memory controller` }
  }

  /** A shell command that goes into the group and becomes `command`. */
  enter(command: readonly string[]): string[] {
    return ['/bin/sh', '-c', `echo $$ > "$0" && exec "$@"`, join(this.path, 'cgroup.procs'), ...command]
  }

  /** Bytes that its processes, their page cache and the kernel for them take now. */
  get usage(): number {
    return Number(this.read(VERSIONS[this.version].usage))
  }

  /** Bytes from now on; swap is left out. */
  limit(bytes: number): void {
    const files = VERSIONS[this.version]
    writeFileSync(join(this.path, files.limit), String(Math.floor(bytes)))
    const swap = join(this.path, files.swap)
    if (existsSync(swap)) writeFileSync(swap, this.version === 1 ? String(Math.floor(bytes)) : '0')
  }

  /** Once its processes have ended; their own children may take a moment longer. */
  async remove(): Promise<void> {
    for (let tries = 0; ; tries++) {
      try {
        return rmdirSync(this.path)
      } catch (error) {
        if (tries === 50) throw error
        await setTimeout(100)
      }
    }
  }

  private read(file: string): string {
    return readFileSync(join(this.path, file), 'utf8').trim()
  }
}
