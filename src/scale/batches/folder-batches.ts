/** Batches in a folder: `ID/batch.json` is what is known of one, the journals of its answers lie beside it. */
import { mkdir, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { writeWhole } from '../../common/write-whole.js'
import { isId, newId } from '../ids.js'
import { newBatch, type Batch, type NewBatch } from './batch-object.js'

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

export class FolderBatches {
  constructor(
    private readonly folder: string,
    readonly now: () => number = Date.now,
  ) {}

  async create(owner: string, outputExpiresAfter: number | null, given: NewBatch): Promise<StoredBatch> {
    const id = newId('batch_', this.now())
    const stored: StoredBatch = { owner, outputExpiresAfter, ending: null, batch: newBatch(id, this.now(), given) }
    await mkdir(this.pathOf(id), { recursive: true })
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

  /** All of one owner's, or of all where none is named. */
  async list(owner?: string): Promise<StoredBatch[]> {
    const ids = await readdir(this.folder).catch(() => [])
    const all = await Promise.all(ids.filter((id) => isId('batch_', id)).map((id) => this.read(id)))
    return all.filter((one) => one !== null).filter((one) => owner === undefined || one.owner === owner)
  }

  /** A file of a batch's folder, or the folder itself. */
  pathOf(id: string, name = ''): string {
    return join(this.folder, id, name)
  }

  private async read(id: string): Promise<StoredBatch | null> {
    if (!isId('batch_', id)) return null
    const text = await readFile(this.pathOf(id, 'batch.json'), 'utf8').catch(() => null)
    return text === null ? null : (JSON.parse(text) as StoredBatch)
  }
}
