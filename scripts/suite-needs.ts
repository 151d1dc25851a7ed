/**
 * What a suite says in its first line of the process that it wants:
 *
 * - `// @process native`: it opens native libraries, and closes what it opens: it shares a process with others of its
 *   folder that say so, for loading the engine takes longer than most of them;
 * - `// @process own`: it starts programs, changes the environment, or counts what is open;
 * - `// @process own, all cores`: and what it starts computes on every core;
 * - `// @process own, sources`: and it imports TypeScript that it wrote.
 *
 * A suite that says nothing shares a process with others of its folder that open nothing. `suite-group.ts` fails those
 * that should speak.
 */
import { readFileSync } from 'node:fs'
import { sep } from 'node:path'

export interface Needs {
  /** No other suite runs in its process. */
  ownProcess: boolean
  /** It may open native libraries. */
  native: boolean
  /** It is not held to its share of the cores. */
  allCores: boolean
  /** It can only be run from the sources. */
  sources: boolean
}

const NOTHING: Needs = { ownProcess: false, native: false, allCores: false, sources: false }
const OWN: Needs = { ...NOTHING, ownProcess: true, native: true }

/** By the whole first line. */
const KNOWN: Readonly<Record<string, Needs>> = {
  '// @process native': { ...NOTHING, native: true },
  '// @process own': OWN,
  '// @process own, all cores': { ...OWN, allCores: true },
  '// @process own, sources': { ...OWN, sources: true },
}

/** Throws for a first line that asks for what there is not. */
export function needsOf(file: string): Needs {
  const [first] = readFileSync(file, 'utf8').split(/\r?\n/, 1)
  if (Object.hasOwn(KNOWN, first)) return KNOWN[first]
  if (!first.startsWith('// @process')) return NOTHING
  throw new Error(`${file}: "${first}" must be one of ${JSON.stringify(Object.keys(KNOWN))}`)
}

/** Native suites of one process: few, that processes side by side end at about the same time, and none at its limit. */
const MOST_NATIVE = 5

/**
 * The groups that share a process, those that take long first: native ones, suites with one of their own, then the
 * others by their size.
 */
export function groupSuites(files: readonly string[]): string[][] {
  const alone: string[][] = []
  const native: string[][] = []
  const shared = new Map<string, string[]>()
  for (const file of files) {
    const needs = needsOf(file)
    const folder = folderOf(file)
    const group = native.find((other) => folderOf(other[0]) === folder && other.length < MOST_NATIVE)
    if (needs.ownProcess) alone.push([file])
    else if (!needs.native) shared.set(folder, [...(shared.get(folder) ?? []), file])
    else if (group) group.push(file)
    else native.push([file])
  }
  const bySize = (groups: string[][]): string[][] => groups.sort((a, b) => b.length - a.length)
  return [...bySize(native), ...alone, ...bySize([...shared.values()])]
}

/** The first two steps of a path, as `test/core`. */
const folderOf = (file: string): string => file.split(sep).slice(0, 2).join(sep)
