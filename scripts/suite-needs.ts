/**
 * What a suite says in its first line of the process that it wants:
 *
 * - `// @process own`: it opens native libraries, starts servers or programs, or changes the environment;
 * - `// @process own, all cores`: and what it starts computes on every core;
 * - `// @process own, sources`: and it imports TypeScript that it wrote.
 *
 * A suite that says nothing shares a process with others of its folder. `suite-group.ts` fails those that should speak.
 */
import { readFileSync } from 'node:fs'
import { sep } from 'node:path'

export interface Needs {
  /** No other suite runs in its process. */
  ownProcess: boolean
  /** It is not held to its share of the cores. */
  allCores: boolean
  /** It can only be run from the sources. */
  sources: boolean
}

const NOTHING: Needs = { ownProcess: false, allCores: false, sources: false }

/** By the whole first line. */
const KNOWN: Readonly<Record<string, Needs>> = {
  '// @process own': { ...NOTHING, ownProcess: true },
  '// @process own, all cores': { ...NOTHING, ownProcess: true, allCores: true },
  '// @process own, sources': { ...NOTHING, ownProcess: true, sources: true },
}

/** Throws for a first line that asks for what there is not. */
export function needsOf(file: string): Needs {
  const [first] = readFileSync(file, 'utf8').split(/\r?\n/, 1)
  if (Object.hasOwn(KNOWN, first)) return KNOWN[first]
  if (!first.startsWith('// @process')) return NOTHING
  throw new Error(`${file}: "${first}" must be one of ${JSON.stringify(Object.keys(KNOWN))}`)
}

/** The groups that share a process, those that take long first: suites with one of their own, then large groups. */
export function groupSuites(files: readonly string[]): string[][] {
  const alone: string[][] = []
  const shared = new Map<string, string[]>()
  for (const file of files) {
    const folder = file.split(sep).slice(0, 2).join(sep)
    if (needsOf(file).ownProcess) alone.push([file])
    else shared.set(folder, [...(shared.get(folder) ?? []), file])
  }
  return [...alone, ...[...shared.values()].sort((a, b) => b.length - a.length)]
}
