/** Set-up of the tests: gets the real model once, so that the suites find it in the cache, or says why they cannot. */
import { spawnSync } from 'node:child_process'

export interface RealModel {
  ready: boolean
  /** What the pull said where it failed. */
  reason: string
  /** Whether a source was there to answer at all; if so, a failed pull is a fault of ours. */
  reachable: boolean
}

const NAME = 'smollm2-135m'

/** How pip and fetch say that nobody answers, and that there is no pip to ask. */
const UNREACHABLE = /Retrying|ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|fetch failed|needs Python with pip/

export function pullRealModel(program: string): RealModel {
  const { status, stderr } = spawnSync(process.execPath, [program, 'pull', NAME], { encoding: 'utf8', stdio: ['ignore', 'inherit', 'pipe'] })
  if (status === 0) return { ready: true, reason: '', reachable: true }
  const reason = stderr.trim().split('\n').slice(-1)[0] ?? ''
  return { ready: false, reason, reachable: !UNREACHABLE.test(reason) }
}
