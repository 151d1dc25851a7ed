// @process own
/** No telemetry: what ONNX Runtime would write unless told not to (test/acceptance/telemetry.test.ts: and ask for). */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { silenceTelemetry } from '../../src/runtime/onnxruntime.js'
import { nodeArgs } from '../support/program.js'

const SCRIPT = nodeArgs(import.meta.resolve('./opens-runtime.js'))
const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const LIMIT_MS = 120_000

const telemetry = suite('telemetry')
let home = ''
telemetry.before.each(() => void (home = mkdtempSync(join(tmpdir(), 'sequoia-home-'))))
telemetry.after.each(() => rmSync(home, { recursive: true }))

/**
 * Opens a session in a process whose home is an empty folder; returns the files that are in it afterwards. Of the
 * environment it has the path alone: the library is silent by itself where it finds the variables of a CI.
 */
function filesAfter(runtime: string, env: NodeJS.ProcessEnv = {}): string[] {
  const { PATH, SystemRoot } = process.env
  execFileSync(process.execPath, [...SCRIPT, runtime], {
    env: { PATH, SystemRoot, HOME: home, USERPROFILE: home, ...env },
    cwd: ROOT,
    timeout: LIMIT_MS,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  return readdirSync(home, { recursive: true, encoding: 'utf8' }).filter((name) => name.includes('onnxruntime'))
}

for (const runtime of ['binding', 'portable'])
  telemetry(`the ${runtime} runtime leaves no file of the library's in the home folder`, () => {
    assert.equal(filesAfter(runtime), [])
  })

const onLinux = process.platform === 'linux' ? telemetry : telemetry.skip
onLinux('it would leave some where the user has switched telemetry on', () => {
  assert.ok(filesAfter('binding', { ORT_DISABLE_TELEMETRY: '0' }).length > 0)
})

telemetry('what the user has set in the environment stays', () => {
  const before = process.env.ORT_DISABLE_TELEMETRY
  try {
    delete process.env.ORT_DISABLE_TELEMETRY
    assert.is(silenceTelemetry(), true)
    assert.is(process.env.ORT_DISABLE_TELEMETRY, '1')
    process.env.ORT_DISABLE_TELEMETRY = '0'
    assert.is(silenceTelemetry(), false)
    assert.is(process.env.ORT_DISABLE_TELEMETRY, '0')
  } finally {
    if (before === undefined) delete process.env.ORT_DISABLE_TELEMETRY
    else process.env.ORT_DISABLE_TELEMETRY = before
  }
})

telemetry.run()
