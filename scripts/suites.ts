/**
 * Runs uvu suites, group by group. A suite that says so has a process of its own: none disturbs another, and a crash is
 * one failure. The others share one or two for each folder of `test/`, since starting a process takes longer than most
 * of them.
 */
import { spawn, spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { cpuList } from '../src/runtime/threads.js'
import { compiled } from './compiled-suites.js'
import { needsOf } from './suite-needs.js'

export interface Totals {
  passed: number
  failed: number
  skipped: number
  /** Files with a failure, and what the skipped tests said of themselves. */
  failedFiles: string[]
  skips: string[]
}

const GROUP_RUNNER = fileURLToPath(new URL('suite-group.ts', import.meta.url))

/** A file that takes longer than this hangs. */
const LIMIT_MS = 5 * 60_000

/** The suites below `folder`, sorted; those whose path has the folder `except` in it are left out. */
export function findSuites(folder: string, except?: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.test.ts') && !path.split(sep).includes(except ?? ''))
    .map((path) => join(folder, path))
    .sort()
}

/**
 * How the suites are run: each group for `limitMs` at most, `atOnce` of them side by side, from the sources or
 * (`areCompiled`) as `compileSuites` left them; a suite that brings TypeScript of its own always from the sources.
 */
export interface RunOptions {
  limitMs?: number
  atOnce?: number
  areCompiled?: boolean
}

/**
 * Runs the groups in order. One at a time, their output is passed through; side by side, each is printed whole when it
 * ends.
 */
export async function runSuites(
  groups: readonly (readonly string[])[],
  env: NodeJS.ProcessEnv,
  { limitMs = LIMIT_MS, atOnce = 1, areCompiled = false }: RunOptions = {},
): Promise<Totals> {
  const totals: Totals = { passed: 0, failed: 0, skipped: 0, failedFiles: [], skips: [] }
  const shares = atOnce > 1 ? coreShares(atOnce) : []
  const waiting = [...groups]
  const worker = async (_: unknown, index: number): Promise<void> => {
    for (let group = waiting.shift(); group !== undefined; group = waiting.shift()) {
      const files = group.join('\n')
      if (atOnce === 1) console.log(`\n${files}`)
      const cores = group.some((file) => needsOf(file).allCores) ? undefined : shares[index]
      const ended = await runGroup(group, env, { limitMs, areCompiled, isLive: atOnce === 1, cores })
      if (atOnce > 1) process.stdout.write(`\n${files}\n${ended.output}`)
      count(totals, group, ended, limitMs)
    }
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
  return totals
}

/**
 * Lists of cores, one for each of `count` processes side by side: sessions on more threads than their share has cores
 * would wait for each other. Empty where there is no `taskset` or not a core for each.
 */
function coreShares(count: number): string[] {
  const { status, stdout } = spawnSync('taskset', ['-c', '-p', String(process.pid)], { encoding: 'utf8' })
  const cores = status === 0 ? cpuList(stdout.trim().split(' ').at(-1)!) : []
  const each = Math.floor(cores.length / count)
  return each > 0 ? Array.from({ length: count }, (_, i) => cores.slice(i * each, (i + 1) * each).join(',')) : []
}

function count(totals: Totals, files: readonly string[], { code, output, late }: Ended, limitMs: number): void {
  const file = files.join(', ')
  const [total, passed, skipped] = ['Total', 'Passed', 'Skipped'].map((name) =>
    Number(output.match(new RegExp(`^ {2}${name}: +(\\d+)`, 'm'))?.[1] ?? 0),
  )
  const broken = code !== 0 || total + skipped === 0
  if (late) console.log(`${file}: ended after ${limitMs / 1000} s`)
  else if (broken && passed === total)
    console.log(`${file}: ${total + skipped === 0 ? 'ran no tests' : 'failed outside its tests'} (exit code ${code})`)
  const failed = Math.max(total - passed, broken ? 1 : 0)
  totals.passed += passed
  totals.failed += failed
  totals.skipped += skipped
  if (failed > 0) totals.failedFiles.push(...files)
  totals.skips.push(...output.split('\n').filter((line) => line.startsWith('skipped (')))
}

/** The last line of every test run. */
export function closingLine({ passed, failed, skipped }: Pick<Totals, 'passed' | 'failed' | 'skipped'>): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`
}

/** How a group's process ended, and what it wrote; `late`: it had to be ended. */
interface Ended {
  code: number | null
  output: string
  late: boolean
}

interface GroupOptions {
  limitMs: number
  areCompiled: boolean
  /** Passes the output through. */
  isLive: boolean
  /** List of the cores to run on. */
  cores?: string
}

function nodeArguments(files: readonly string[], areCompiled: boolean): string[] {
  const isCompiled = areCompiled && !files.some((file) => needsOf(file).sources)
  const scriptOf = (file: string): string => (isCompiled ? compiled(relative('.', file)) : file)
  const loader = isCompiled ? ['--enable-source-maps'] : ['--import', 'tsx']
  const options = files.every((file) => needsOf(file).native) ? ['--native'] : []
  const group = files.length > 1 ? [scriptOf(GROUP_RUNNER), ...options] : []
  return [...loader, ...group, ...files.map(scriptOf)]
}

function runGroup(
  files: readonly string[],
  env: NodeJS.ProcessEnv,
  { limitMs, areCompiled, isLive, cores }: GroupOptions,
): Promise<Ended> {
  return new Promise((resolve) => {
    const node = [process.execPath, ...nodeArguments(files, areCompiled)]
    const [program, ...args] = cores === undefined ? node : ['taskset', '-c', cores, ...node]
    const child = spawn(program, args, { env: { ...env, NO_COLOR: '1' }, stdio: ['ignore', 'pipe', 'inherit'] })
    let output = ''
    let late = false
    const limit = setTimeout(() => {
      late = true
      child.kill('SIGKILL')
    }, limitMs)
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text
      if (isLive) process.stdout.write(text)
    })
    child.on('close', (code) => {
      clearTimeout(limit)
      resolve({ code, output, late })
    })
  })
}
