/**
 * `npm test`: builds, checks types, style, form and directions, gets the real model and the hosts' runtimes if they can
 * be had, runs every suite but the long ones, compiled, and holds coverage against its floor. The last line is
 * `N passed, N failed`, with `, N skipped` where there are any.
 */
import { spawn } from 'node:child_process'
import { rmSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { compileSuites } from './compiled-suites.js'
import { reportCoverage } from './coverage.js'
import { prepareHosts } from './host-runtimes.js'
import { pullRealModel } from './real-model.js'
import { groupSuites } from './suite-needs.js'
import { closingLine, findSuites, runSuites } from './suites.js'

/** Most suites side by side: each may hold a model and its caches in memory. */
const AT_ONCE = 4
const COVERAGE = join('coverage', 'v8')

export async function check(): Promise<void> {
  if (!(await npmRun('build'))) return close({ passed: 0, failed: 1, skipped: 0 })
  // The types of the examples are checked against the build. The model comes meanwhile.
  console.log('sequoia pull smollm2-135m')
  const [model, ...passed] = await Promise.all([
    pullRealModel(join('dist', 'src', 'cli', 'main.js')),
    ...['typecheck', 'lint', 'format:check', 'rooms'].map(npmRun),
  ])
  if (!passed.every(Boolean)) return close({ passed: 0, failed: 1, skipped: 0 })
  if (!model.ready) console.log(`tests of the real model will be skipped: ${model.reason}`)
  const hosts = prepareHosts()
  compileSuites()

  rmSync(COVERAGE, { recursive: true, force: true })
  const totals = await runSuites(
    groupSuites(findSuites('test', 'acceptance')),
    { ...process.env, NODE_V8_COVERAGE: COVERAGE },
    { atOnce: Math.min(AT_ONCE, availableParallelism()), areCompiled: true },
  )
  const covered = reportCoverage(COVERAGE)

  for (const skip of totals.skips) console.log(skip)
  if (totals.failedFiles.length > 0) console.log(`failed: ${totals.failedFiles.join(', ')}`)
  const ofHosts = totals.skips.filter((line) => line.startsWith('skipped (host ')).length
  const unexcused =
    Boolean(process.env.CI) &&
    ((model.reachable && totals.skipped > ofHosts) || hosts.some((host) => !host.ready && host.reachable))
  if (unexcused)
    console.log('tests were skipped although the model, or the runtime of a host, can be had; in CI that is a failure')
  close({ ...totals, failed: totals.failed + (covered ? 0 : 1) + (unexcused ? 1 : 0) })
}

function npmRun(script: string): Promise<boolean> {
  return new Promise((resolve) => {
    const child = spawn('npm', ['run', '--silent', script], { stdio: 'inherit', shell: process.platform === 'win32' })
    child.on('close', (code) => {
      console.log(`npm run ${script}: ${code === 0 ? 'passed' : 'failed; no tests were run'}`)
      resolve(code === 0)
    })
  })
}

function close(totals: { passed: number; failed: number; skipped: number }): void {
  console.log(`\n${closingLine(totals)}`)
  process.exitCode = totals.failed > 0 ? 1 : 0
}
