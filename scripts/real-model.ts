/** Set-up of the tests: gets the real model once, so that the suites find it in the cache, or says why they cannot. */
import { spawn } from 'node:child_process'

export interface RealModel {
  ready: boolean
  /** What the pull said where it failed. */
  reason: string
  /** Whether a source was there to answer at all; if so, a failed pull is a fault of ours. */
  reachable: boolean
}

const NAME = 'smollm2-135m'

/** How pip and fetch say that nobody answers, and that there is no pip to ask. */
const UNREACHABLE =
  /Retrying|ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|fetch failed|needs Python with pip/

/** Runs `program pull`; its progress passes through. */
export function pullRealModel(program: string): Promise<RealModel> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [program, 'pull', NAME], { stdio: ['ignore', 'inherit', 'pipe'] })
    let said = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text
      process.stderr.write(text)
    })
    child.on('close', (code) => {
      const reason = code === 0 ? '' : (said.trim().split('\n').pop() ?? '')
      resolve({ ready: code === 0, reason, reachable: !UNREACHABLE.test(reason) })
    })
  })
}
