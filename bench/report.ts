/**
 * `npm run bench -- report`: writes the figures of README.md and docs/ anew from bench/results, between their markers,
 * and the plots. No figure there is typed by hand; a test says when this is due.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { filled } from './report/markers.js'
import { paperPlots } from './report/paper-plots.js'
import { paperFigures } from './report/paper-tables.js'
import { policyFigures } from './report/policy.js'
import { speedFigures, speedPlots } from './report/speed.js'

export const name = 'report'
export const describe = 'writes the figures of README.md and docs/ from bench/results'

const TEXTS = ['README.md', 'docs/benchmarks.md', 'docs/paper.md']

/** [path] what each text and plot is to hold; `read` gets a path from the repository's root. */
export function reported(read: (path: string) => string): Record<string, string> {
  const figures = { ...speedFigures, ...policyFigures, ...paperFigures() }
  const texts = TEXTS.map((path) => [path, filled(read(path), figures)] as const)
  return { ...Object.fromEntries(texts), ...speedPlots(), ...paperPlots() }
}

/** No arguments. */
export async function run(): Promise<object> {
  const files = Object.entries(reported((path) => readFileSync(path, 'utf8')))
  for (const [path, text] of files) {
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text)
  }
  return { files: files.map(([path, text]) => ({ path, bytes: Buffer.byteLength(text) })) }
}
