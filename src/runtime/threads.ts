/** How many intra-op threads a session gets when the caller does not say. */
import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'

const MOST = 8

/**
 * Physical cores this process may use, 1 to 8. Two hyperthreads of one core share its multipliers, so a second thread
 * there only gets in the way; beyond 8 the passes of a small model are too short to be split further.
 */
export function defaultThreads(): number {
  const logical = availableParallelism()
  return Math.max(1, Math.min(MOST, Math.floor(logical / threadsPerCore())))
}

/**
 * Hardware threads per core: read on Linux; elsewhere Apple and Arm cores have one, other x86 cores are taken to have
 * two.
 */
function threadsPerCore(): number {
  if (process.platform === 'linux') {
    try {
      return cpuListLength(readFileSync('/sys/devices/system/cpu/cpu0/topology/thread_siblings_list', 'utf8'))
    } catch {
      return 1
    }
  }
  return process.platform === 'win32' && process.arch === 'x64' ? 2 : 1
}

/** Number of CPUs in a kernel list such as `0-1,8`. */
export function cpuListLength(list: string): number {
  return Math.max(1, cpuList(list).length)
}

/** The CPUs that such a list names. */
export function cpuList(list: string): number[] {
  return list
    .trim()
    .split(',')
    .flatMap((range) => {
      const [first, last = first] = range.split('-').map(Number)
      return Array.from({ length: last >= first ? last - first + 1 : 0 }, (_, i) => first + i)
    })
}
