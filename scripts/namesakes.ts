/**
 * Part of `npm run format:check`: each file of ours that decides something has a suite of its own name. `src/x/y.ts` is
 * tested by `test/x/y.test.ts`, `adapters/x/y.ts` and `plugins/x/y.ts` by a suite below the folder of the same name in
 * `test/`.
 */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'

/** A branch or a loop: what only declares, lists or passes on has nothing that could be decided wrongly. */
const DECISION = /\b(?:if|for|while|switch) (?:await )?\(|\btry \{|\s\? /

/** Whether code branches or loops, comments and texts left out. */
export function decides(code: string): boolean {
  const bare = code
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/^\s*\/\/.*$/gm, '')
    .replace(/'(?:\\.|[^'\\\n])*'/g, "''")
  return DECISION.test(bare)
}

/** Where the suite of a file is. */
export function suiteOf(path: string): string {
  return `test/${path.replace(/^src\//, '').replace(/\.ts$/, '')}.test.ts`
}

/** Files of `paths` that decide something and have no suite among `paths`. */
export function withoutSuite(paths: readonly string[], read: (path: string) => string): string[] {
  const all = new Set(paths)
  const ours = paths.filter((path) => /^(?:src|adapters|plugins)\/.*\.ts$/.test(path) && !path.endsWith('.d.ts'))
  return ours.filter((path) => !all.has(suiteOf(path)) && decides(read(path)))
}

function check(): void {
  const listed = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], { encoding: 'utf8' })
  const found = withoutSuite(listed.split('\n'), (path) => readFileSync(path, 'utf8'))
  for (const path of found) console.error(`${path}: has no ${suiteOf(path)}`)
  process.exitCode = found.length > 0 ? 1 : 0
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) check()
