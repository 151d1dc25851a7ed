/**
 * Which of the processes that share a folder runs its batches: the one that holds `running.lock`. The lock's time is
 * renewed; one that is old is a dead process's, and another takes it.
 */
import { join } from 'node:path'
import { lock } from 'proper-lockfile'
import { makeFolder } from '../../common/make-folder.js'

/** A lock that is older is nobody's; it is renewed this often. */
const STALE_MS = 10_000
const RENEW_MS = 2_000
/** A process that slept for so long may have lost its lock, whatever it knows of it. */
const MOST_ASLEEP_MS = STALE_MS / 2
const AWAKE_EVERY_MS = 500

export interface Lease {
  /** Whether no other process can have it: what is written must be asked for just before. */
  isHeld(): boolean
  release(): Promise<void>
}

/** Takes the lease of a folder, which is made where it is not there; null where another process has it. */
export async function takeLease(folder: string, renewMs = RENEW_MS): Promise<Lease | null> {
  await makeFolder(folder)
  let state: 'held' | 'doubtful' | 'lost' = 'held'
  let awakeAt = performance.now()
  const release = await lock(folder, {
    lockfilePath: join(folder, 'running.lock'),
    stale: STALE_MS,
    update: renewMs,
    onCompromised: () => (state = 'lost'),
  }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ELOCKED') return null
    throw error
  })
  if (release === null) return null
  const isHeld = (): boolean => {
    if (state === 'held' && performance.now() - awakeAt > MOST_ASLEEP_MS) {
      state = 'doubtful'
      // By then the lock was to be renewed: it is known whose it is, and if it is still ours anybody may take it.
      setTimeout(() => void (state === 'doubtful' && release().catch(() => undefined)), 2 * renewMs).unref()
    }
    return state === 'held'
  }
  const awake = setInterval(() => isHeld() && (awakeAt = performance.now()), AWAKE_EVERY_MS)
  awake.unref()
  return {
    isHeld,
    release: async () => {
      clearInterval(awake)
      if (isHeld()) await release()
    },
  }
}
