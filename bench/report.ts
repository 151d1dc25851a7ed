/**
 * `npm run bench -- report`: writes the figures of README.md and docs/ anew from bench/results, between their markers.
 * No figure there is typed by hand; a test says when this is due.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { filled } from './report/markers.js'
import { speedFigures } from './report/speed.js'

export const name = 'report'
export const describe = 'writes the figures of README.md and docs/ from bench/results'

const TEXTS = ['README.md', 'docs/benchmarks.md']

/** [path] what each text is to hold; `read` gets a path from the repository's root. */
export function reported(read: (path: string) => string): Record<string, string> {
  return Object.fromEntries(TEXTS.map((path) => [path, filled(read(path), speedFigures)]))
}

/** No arguments. */
export async function run(): Promise<object> {
  const files = Object.entries(reported((path) => readFileSync(path, 'utf8')))
  for (const [path, text] of files) writeFileSync(path, text)
  return { files: files.map(([path, text]) => ({ path, bytes: Buffer.byteLength(text) })) }
}
