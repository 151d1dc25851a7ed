/** Coverage of the sources by all test processes, and its floor. */
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const SOURCES = ['src', 'adapters', 'plugins']

/** Least share of lines that the tests must run, in percent. */
const LEAST_LINES = 85

/** Reports what the V8 coverage files in `folder` cover; false below the floor. */
export function reportCoverage(folder: string): boolean {
  const args = [
    'c8',
    'report',
    '--temp-directory',
    folder,
    '--all',
    '--exclude-after-remap',
    '--check-coverage',
    '--lines',
    String(LEAST_LINES),
  ]
  const reporters = ['--reporter', 'text', '--reporter', 'lcov']
  const include = SOURCES.flatMap((source) => ['--include', `${source}/**/*.ts`])
  const exclude = typeFiles().flatMap((file) => ['--exclude', file])
  return (
    spawnSync('npx', ['--no-install', ...args, ...reporters, ...include, ...exclude], {
      stdio: 'inherit',
      shell: process.platform === 'win32',
    }).status === 0
  )
}

/** Sources that only declare types: nothing of them is there to run. */
function typeFiles(): string[] {
  const files = SOURCES.flatMap((source) =>
    readdirSync(source, { recursive: true, encoding: 'utf8' }).map((path) => join(source, path)),
  )
  return files.filter((file) => file.endsWith('.ts') && compiled(file) === 'export {};')
}

function compiled(file: string): string {
  const text = readFileSync(join('dist', file.replace(/\.ts$/, '.js')), 'utf8')
  return text.replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '').trim()
}
