/** Whether the process that left something on disk is still at it. */

/** False for this process too: what bears its id was left by an earlier one. */
export function isRunning(pid: number): boolean {
  if (pid === process.pid) return false
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
