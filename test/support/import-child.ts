/**
 * A process of its own that imports a source and prints what it told of it and the most memory it took. Linux only.
 * Argument: JSON of `ImportRun`.
 */
import { readFileSync } from 'node:fs'
import { ensureImported } from '../../src/import/index.js'

export interface ImportRun {
  source: string
  cacheDir: string
  format: string
  /** Kills itself (`SIGKILL`) when it says that it is at this part. */
  killAt?: string
}

export interface ImportOutcome {
  /** Most resident bytes of the process, from start to end. */
  peakBytes: number
  /** The parts it said it was at. */
  parts: string[]
}

async function main({ source, cacheDir, format, killAt }: ImportRun): Promise<void> {
  const parts: string[] = []
  const onProgress = ({ part }: { part?: string }): void => {
    if (part === undefined) return
    if (part === killAt) process.kill(process.pid, 'SIGKILL')
    parts.push(part)
  }
  await ensureImported(source, { cacheDir, format, onProgress })
  const [, kilobytes] = /VmHWM:\s+(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8'))!
  const outcome: ImportOutcome = { peakBytes: 1024 * Number(kilobytes), parts }
  process.stdout.write(JSON.stringify(outcome))
}

void main(JSON.parse(process.argv[2]) as ImportRun)
