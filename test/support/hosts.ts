/**
 * What the tests of examples/hosts share: the files a host is given, and the two tests that every command-line host
 * must pass.
 */
import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { GOLDEN, type GoldenSession } from '../../examples/hosts/make-golden.js'
import { type Host, hostCommand, runtimeOf } from '../../scripts/host-runtimes.js'
import { tempFolder } from './temp-folder.js'

export const wasmFile = createRequire(import.meta.url).resolve('sequoia-onnx/wasm')

/** `test`, or a skip that names itself and says why, where the host's runtime is not there. */
export function hostTest(host: Host, name: string, run: () => Promise<void> | void): void {
  const { ready, reason } = runtimeOf(host)
  if (ready) return test(name, run)
  console.log(`skipped (host ${host}: ${reason}): ${name}`)
  test.skip(name, run)
}

export function readGolden(): { sessions: GoldenSession[] } {
  return JSON.parse(readFileSync(GOLDEN, 'utf8'))
}

/** What a host prints when all is equal. */
export function allEqual(): string {
  return `${readGolden().sessions.reduce((sum, session) => sum + session.rounds.length, 0)} rounds, all equal`
}

/** Golden vectors with one bit of one draft probability turned over, in the last round of all. */
export function withOneBitWrong(): string {
  const golden = readGolden()
  golden.sessions.at(-1)!.rounds.at(-1)!.q[1] ^= 1
  return JSON.stringify(golden)
}

/** Registers a command-line host's tests. Its runtime was got by the set-up: nothing is fetched here. */
export function testHost(host: Exclude<Host, 'browser'>): void {
  const play = (golden: string): { status: number | null; stdout: string; stderr: string } => {
    const [program, ...args] = hostCommand(host)
    return spawnSync(program, [...args, wasmFile, golden], {
      encoding: 'utf8',
      env: { ...process.env, NO_COLOR: '1', GOPROXY: 'off' },
    })
  }

  hostTest(host, `the ${host} host gets every golden round to the last bit`, () => {
    const { status, stdout, stderr } = play(GOLDEN)
    assert.is(`${stdout}${stderr}`.trim(), allEqual())
    assert.is(status, 0)
  })

  hostTest(host, `the ${host} host notices one wrong bit and says where it is`, () => {
    const file = join(tempFolder(), 'golden.json')
    writeFileSync(file, withOneBitWrong())
    const { status, stdout, stderr } = play(file)
    assert.match(stderr, /^sequoia, hot draft.*, round 3: q is /i)
    assert.is(stdout, '')
    assert.is(status, 1)
  })
}
