/** `npm run acceptance [-- NAME...]`: the long suites in `test/acceptance/`, all or those whose path holds a NAME. */
import { sep } from 'node:path'
import { closingLine, findSuites, runSuites } from './suites.js'

/** Hours: some suites decode on the real model for long. */
const LIMIT_MS = 6 * 3600_000

async function acceptance(names: readonly string[]): Promise<void> {
  const files = findSuites(['test', 'acceptance'].join(sep)).filter(
    (file) => names.length === 0 || names.some((name) => file.includes(name)),
  )
  const totals = await runSuites(
    files.map((file) => [file]),
    process.env,
    { limitMs: LIMIT_MS },
  )
  if (files.length === 0) console.log(`no suite in test/acceptance matches ${names.join(', ')}`)
  if (totals.failedFiles.length > 0) console.log(`failed: ${totals.failedFiles.join(', ')}`)
  console.log(`\n${closingLine(totals)}`)
  process.exitCode = totals.failed > 0 || files.length === 0 ? 1 : 0
}

void acceptance(process.argv.slice(2))
