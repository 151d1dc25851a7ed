/**
 * Part of `npm run format:check`: no line of our code is longer than 120 columns. The formatter keeps code within them
 * but leaves strings, comments and whole languages alone.
 */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'

const MOST = 120
const CODE = ['src', 'plugins', 'adapters', 'assembly', 'test', 'bench', 'scripts', 'examples', 'playground']

/** Numbers, from 1, of the lines that are longer than 120 characters. */
export function longLines(text: string): number[] {
  return text.split('\n').flatMap((line, i) => ([...line].length > MOST ? [i + 1] : []))
}

function check(): void {
  const listed = execFileSync('git', ['ls-files', '--', ...CODE], { encoding: 'utf8' })
  const files = listed.split('\n').filter((path) => /\.(ts|js|mjs|py)$/.test(path))
  const found = files.flatMap((path) => longLines(readFileSync(path, 'utf8')).map((line) => `${path}:${line}`))
  for (const place of found) console.error(`${place}: longer than ${MOST} columns; split it`)
  process.exitCode = found.length > 0 ? 1 : 0
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) check()
