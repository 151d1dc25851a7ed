/**
 * ONNX Runtime asks for its maker's host some seconds after it was opened, so each process here lives for longer than
 * that. Linux with strace only.
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { nodeArgs } from '../support/program.js'

const SCRIPT = nodeArgs(import.meta.resolve('../runtime/opens-runtime.js'))
const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const LIFE_MS = 15_000

const telemetry = suite('telemetry')

const hasStrace = (() => {
  try {
    execFileSync('strace', ['-o', '/dev/null', 'true'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
})()
if (!hasStrace) console.log('skipped (no strace): who ONNX Runtime speaks to')
const traced = hasStrace ? telemetry : telemetry.skip

/** Calls of a process with a session that speak to the network. */
function networkCalls(runtime: string, env: NodeJS.ProcessEnv): string[] {
  const home = mkdtempSync(join(tmpdir(), 'sequoia-home-'))
  try {
    const calls = join(home, 'calls')
    const traces = ['-f', '-e', 'trace=connect,sendto,sendmmsg', '-o', calls]
    execFileSync('strace', [...traces, process.execPath, ...SCRIPT, runtime, String(LIFE_MS)], {
      env: { ...process.env, ...env, HOME: home },
      cwd: ROOT,
    })
    return readFileSync(calls, 'utf8')
      .split('\n')
      .filter((call) => call.includes('AF_INET'))
  } finally {
    rmSync(home, { recursive: true })
  }
}

for (const runtime of ['binding', 'portable'])
  traced(`the ${runtime} runtime asks for no name and opens no connection`, () => {
    assert.equal(networkCalls(runtime, {}), [])
  })

traced('where the user has switched telemetry on, a name is asked for', () => {
  assert.ok(networkCalls('binding', { ORT_DISABLE_TELEMETRY: '0' }).length > 0)
})

telemetry.run()
