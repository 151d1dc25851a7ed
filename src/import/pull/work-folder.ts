/** Folders that pulls work in: one a pull, named after its process, so that what a killed one left is known as such. */
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { isRunning } from '../../common/running.js'

/** Begins such a folder's name; the id of the process follows. */
export const WORK = '.pull-'

/** Runs `work` in a folder of its own below `dir`, which is gone afterwards. */
export async function inWorkFolder<T>(dir: string, work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(dir, `${WORK}${process.pid}-`))
  try {
    return await work(folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Removes what pulls left whose process was killed; says nothing where there is none or it cannot be removed. */
export async function removeAbandoned(dir: string): Promise<void> {
  const left = (await readdir(dir).catch(() => [])).filter((name) => name.startsWith(WORK))
  const abandoned = left.filter((name) => {
    const pid = Number.parseInt(name.slice(WORK.length), 10)
    return !(pid === process.pid || isRunning(pid))
  })
  for (const name of abandoned) await rm(join(dir, name), { recursive: true, force: true }).catch(() => undefined)
}
