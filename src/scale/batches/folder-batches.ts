/**
 * Batches in a folder, which several processes may share: `ID/batch.json` is what is known of one, written by the
 * process that runs it; the journals of its answers lie beside it, and `cancel`, once somebody asked for that, with the
 * time in milliseconds since 1970.
 */
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { makeFolder } from '../../common/make-folder.js'
import { writeWhole } from '../../common/write-whole.js'
import { isId, newId } from '../ids.js'
import { isEnded, newBatch, type Batch, type NewBatch } from './batch-object.js'

/**
 * How a batch ends, settled before its files are made: ids of the output and the error file, null where it has none.
 */
export interface BatchEnding {
  status: 'completed' | 'expired' | 'cancelled'
  outputId: string | null
  errorId: string | null
}

export interface StoredBatch {
  owner: string
  /** Seconds after which the files it gives expire; null: never. */
  outputExpiresAfter: number | null
  ending: BatchEnding | null
  batch: Batch
}

const CANCEL = 'cancel'

export class FolderBatches {
  constructor(
    readonly folder: string,
    readonly now: () => number = Date.now,
  ) {}

  async create(owner: string, outputExpiresAfter: number | null, given: NewBatch): Promise<StoredBatch> {
    const id = newId('batch_', this.now())
    const stored: StoredBatch = { owner, outputExpiresAfter, ending: null, batch: newBatch(id, this.now(), given) }
    await makeFolder(this.pathOf(id))
    await this.write(stored)
    return stored
  }

  async write(stored: StoredBatch): Promise<void> {
    await writeWhole(this.pathOf(stored.batch.id, 'batch.json'), JSON.stringify(stored))
  }

  /** Null where there is none of this owner's. */
  async get(owner: string, id: string): Promise<Batch | null> {
    const stored = await this.read(id)
    return stored?.owner === owner ? stored.batch : null
  }

  async list(owner: string): Promise<StoredBatch[]> {
    const all = await Promise.all((await this.ids()).map((id) => this.read(id)))
    return all.filter((one) => one?.owner === owner) as StoredBatch[]
  }

  async ids(): Promise<string[]> {
    const names = await readdir(this.folder).catch(() => [])
    return names.filter((name) => isId('batch_', name))
  }

  /** Notes that a batch is to be cancelled: the process that runs it looks for that. */
  async askToCancel(id: string): Promise<void> {
    const asked = writeFile(this.pathOf(id, CANCEL), String(this.now()), { flag: 'wx' })
    await asked.catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error
    })
  }

  /** What a batch shows whose cancelling was asked for; null for others, and for one whose end is settled. */
  async cancelling({ batch, ending }: StoredBatch): Promise<Pick<Batch, 'status' | 'cancelling_at'> | null> {
    if (isEnded(batch) || ending !== null) return null
    const asked = await readFile(this.pathOf(batch.id, CANCEL), 'utf8').catch(() => null)
    return asked === null ? null : { status: 'cancelling', cancelling_at: Math.floor(Number(asked) / 1000) }
  }

  /** A file of a batch's folder, or the folder itself. */
  pathOf(id: string, name = ''): string {
    return join(this.folder, id, name)
  }

  async read(id: string): Promise<StoredBatch | null> {
    if (!isId('batch_', id)) return null
    const text = await readFile(this.pathOf(id, 'batch.json'), 'utf8').catch(() => null)
    if (text === null) return null
    const stored = JSON.parse(text) as StoredBatch
    Object.assign(stored.batch, await this.cancelling(stored))
    return stored
  }
}
