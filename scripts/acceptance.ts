/**
 * `npm run acceptance [-- NAME... --format=FORMAT --kv=KV --model=MODEL]`: the long suites in `test/acceptance/`, all
 * or those whose path holds a NAME; those about a weight format take the usual one or FORMAT, and keep K as KV says;
 * those about a published model take SmolLM2 or MODEL.
 */
import { sep } from 'node:path'
import { VARIABLES } from '../test/support/tested-format.js'
import { closingLine, findSuites, runSuites } from './suites.js'

/** Hours: some suites decode on the real model for long. */
const LIMIT_MS = 6 * 3600_000

async function acceptance(args: readonly string[]): Promise<void> {
  const names = args.filter((arg) => !arg.startsWith('--'))
  const settings = args.filter((arg) => arg.startsWith('--')).map(settingOf)
  const files = findSuites(['test', 'acceptance'].join(sep)).filter(
    (file) => names.length === 0 || names.some((name) => file.includes(name)),
  )
  const totals = await runSuites(
    files.map((file) => [file]),
    { ...process.env, ...Object.fromEntries(settings) },
    { limitMs: LIMIT_MS },
  )
  if (files.length === 0) console.log(`no suite in test/acceptance matches ${names.join(', ')}`)
  if (totals.failedFiles.length > 0) console.log(`failed: ${totals.failedFiles.join(', ')}`)
  console.log(`\n${closingLine(totals)}`)
  process.exitCode = totals.failed > 0 || files.length === 0 ? 1 : 0
}

/** `--NAME=VALUE` as the environment's variable that suites read. */
function settingOf(arg: string): [variable: string, value: string] {
  const [, name, value] = /^--(\w+)=(.+)$/.exec(arg) ?? []
  if (name !== undefined && name in VARIABLES) return [VARIABLES[name], value]
  const known = Object.keys(VARIABLES).map((one) => `--${one}=NAME`)
  throw new Error(`unknown argument ${arg}; known are ${known.join(' and ')}`)
}

void acceptance(process.argv.slice(2))
