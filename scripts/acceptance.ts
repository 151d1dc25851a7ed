/**
 * `npm run acceptance [-- NAME... --format=FORMAT]`: the long suites in `test/acceptance/`, all or those whose path
 * holds a NAME; those about a weight format take the usual one or FORMAT.
 */
import { sep } from 'node:path'
import { FORMAT_VARIABLE } from '../test/support/tested-format.js'
import { closingLine, findSuites, runSuites } from './suites.js'

/** Hours: some suites decode on the real model for long. */
const LIMIT_MS = 6 * 3600_000

const FORMAT = '--format='

async function acceptance(args: readonly string[]): Promise<void> {
  const names = args.filter((arg) => !arg.startsWith('--'))
  const unknown = args.find((arg) => arg.startsWith('--') && !arg.startsWith(FORMAT))
  if (unknown !== undefined) throw new Error(`unknown argument ${unknown}; known is ${FORMAT}NAME`)
  const format = args.find((arg) => arg.startsWith(FORMAT))?.slice(FORMAT.length)
  const files = findSuites(['test', 'acceptance'].join(sep)).filter(
    (file) => names.length === 0 || names.some((name) => file.includes(name)),
  )
  const totals = await runSuites(
    files.map((file) => [file]),
    format === undefined ? process.env : { ...process.env, [FORMAT_VARIABLE]: format },
    { limitMs: LIMIT_MS },
  )
  if (files.length === 0) console.log(`no suite in test/acceptance matches ${names.join(', ')}`)
  if (totals.failedFiles.length > 0) console.log(`failed: ${totals.failedFiles.join(', ')}`)
  console.log(`\n${closingLine(totals)}`)
  process.exitCode = totals.failed > 0 || files.length === 0 ? 1 : 0
}

void acceptance(process.argv.slice(2))
