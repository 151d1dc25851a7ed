/**
 * Python environments for tests with Python's own tools, in the system's temporary folder; made once and found again.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'uvu'

/** The environment's `bin` folder, or why it cannot be had. */
export type Environment = { bin: string } | { reason: string }

/** An environment with these packages, as pip names them (`openai==2.1.0`). */
export function pythonWith(...packages: readonly string[]): Environment {
  const dir = join(tmpdir(), 'sequoia-python', packages.join('+').replace(/[^\w.+-]/g, '-'))
  const bin = join(dir, 'bin')
  const done = join(dir, 'done')
  if (existsSync(done)) return { bin }
  rmSync(dir, { recursive: true, force: true })
  mkdirSync(dir, { recursive: true })
  for (const [program, ...args] of [
    ['python3', '-m', 'venv', dir],
    [join(bin, 'pip'), 'install', '--quiet', ...packages],
  ]) {
    const { status, error, stderr } = spawnSync(program, args, { encoding: 'utf8' })
    if (status !== 0)
      return { reason: `${program} ${args.join(' ')}: ${(error?.message ?? stderr ?? '').trim().split('\n').at(-1)}` }
  }
  writeFileSync(done, '')
  return { bin }
}

/** Adds a test that gets the environment's `bin`, or a skip that names its reason. */
export function pythonTest(
  suite: Test,
  name: string,
  packages: readonly string[],
  run: (bin: string) => Promise<void>,
): void {
  const environment = pythonWith(...packages)
  if ('bin' in environment) return suite(name, () => run(environment.bin))
  console.log(`skipped (${environment.reason}): ${name}`)
  suite.skip(name)
}
