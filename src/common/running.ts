/** Whether the process that left something on disk still runs. */

/**
 * False for this process's own id: what was found on disk under it is an earlier process's. One that may not be
 * signalled (`EPERM`) runs.
 */
export function isRunning(pid: number): boolean {
  if (pid === process.pid) return false
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
