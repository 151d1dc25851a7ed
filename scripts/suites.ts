/** Runs uvu suites, a process for each file: native libraries of one cannot disturb another, and a crash is one failure. */
import { spawn } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join, sep } from 'node:path'

export interface Totals {
  passed: number
  failed: number
  skipped: number
  /** Files with a failure, and what the skipped tests said of themselves. */
  failedFiles: string[]
  skips: string[]
}

/** A file that takes longer than this hangs. */
const LIMIT_MS = 5 * 60_000

/** The suites below `folder`, sorted; those whose path has the folder `except` in it are left out. */
export function findSuites(folder: string, except?: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.test.ts') && !path.split(sep).includes(except ?? ''))
    .map((path) => join(folder, path))
    .sort()
}

/** How the files are run: each of them for `limitMs` at most, `atOnce` of them side by side. */
export interface RunOptions {
  limitMs?: number
  atOnce?: number
}

/** Runs the files in order. One at a time, their output is passed through; side by side, each is printed whole when it ends. */
export async function runSuites(files: readonly string[], env: NodeJS.ProcessEnv, { limitMs = LIMIT_MS, atOnce = 1 }: RunOptions = {}): Promise<Totals> {
  const totals: Totals = { passed: 0, failed: 0, skipped: 0, failedFiles: [], skips: [] }
  const waiting = [...files]
  const worker = async (): Promise<void> => {
    for (let file = waiting.shift(); file !== undefined; file = waiting.shift()) {
      if (atOnce === 1) console.log(`\n${file}`)
      const ended = await runFile(file, env, limitMs, atOnce === 1)
      if (atOnce > 1) process.stdout.write(`\n${file}\n${ended.output}`)
      count(totals, file, ended, limitMs)
    }
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
  return totals
}

function count(totals: Totals, file: string, { code, output, late }: Ended, limitMs: number): void {
  const [total, passed, skipped] = ['Total', 'Passed', 'Skipped'].map((name) => Number(output.match(new RegExp(`^ {2}${name}: +(\\d+)`, 'm'))?.[1] ?? 0))
  const broken = code !== 0 || total + skipped === 0
  if (late) console.log(`${file}: ended after ${limitMs / 1000} s`)
  else if (broken && passed === total) console.log(`${file}: ${total + skipped === 0 ? 'ran no tests' : 'failed outside its tests'} (exit code ${code})`)
  const failed = Math.max(total - passed, broken ? 1 : 0)
  totals.passed += passed
  totals.failed += failed
  totals.skipped += skipped
  if (failed > 0) totals.failedFiles.push(file)
  totals.skips.push(...output.split('\n').filter((line) => line.startsWith('skipped (')))
}

/** The last line of every test run. */
export function closingLine({ passed, failed, skipped }: Pick<Totals, 'passed' | 'failed' | 'skipped'>): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`
}

/** How a file's process ended, and what it wrote; `late`: it had to be ended. */
interface Ended {
  code: number | null
  output: string
  late: boolean
}

function runFile(file: string, env: NodeJS.ProcessEnv, limitMs: number, live: boolean): Promise<Ended> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, ['--import', 'tsx', file], { env: { ...env, NO_COLOR: '1' }, stdio: ['ignore', 'pipe', 'inherit'] })
    let output = ''
    let late = false
    const limit = setTimeout(() => {
      late = true
      child.kill('SIGKILL')
    }, limitMs)
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text
      if (live) process.stdout.write(text)
    })
    child.on('close', (code) => {
      clearTimeout(limit)
      resolve({ code, output, late })
    })
  })
}
