/**
 * Files in a folder, which several processes may share: `ID.data` holds the bytes and `ID.json` what is known of them.
 * The bytes come first, so that what has a description is whole.
 */
import { createReadStream } from 'node:fs'
import { open, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { makeFolder } from '../../common/make-folder.js'
import { writeWhole } from '../../common/write-whole.js'
import { isId, newId } from '../ids.js'
import type { FileObject, FileStore, NewFile } from './file-object.js'

/** What `ID.json` holds. */
interface StoredFile {
  owner: string
  file: FileObject
}

export class FolderFiles implements FileStore {
  /** `now`: milliseconds since 1970. */
  constructor(
    private readonly folder: string,
    private readonly now: () => number = Date.now,
  ) {}

  async create(source: AsyncIterable<Uint8Array>, file: NewFile): Promise<FileObject> {
    await makeFolder(this.folder)
    const id = newId('file-', this.now())
    const part = join(this.folder, `${id}.part`)
    try {
      const handle = await open(part, 'wx')
      try {
        for await (const chunk of source) await handle.writeFile(chunk)
        await handle.sync()
      } finally {
        await handle.close()
      }
      return await this.finish(id, part, file)
    } catch (error) {
      await rm(part, { force: true })
      throw error
    }
  }

  async adopt(id: string, path: string, file: NewFile): Promise<FileObject> {
    await makeFolder(this.folder)
    const adopted = await this.stored(id)
    if (adopted !== null) return adopted.file
    // An adoption that was cut short between its two steps has moved the bytes already.
    const isMoved = await stat(path).then(
      () => false,
      () => true,
    )
    return this.finish(id, isMoved ? this.pathOf(id) : path, file)
  }

  async describe(owner: string, id: string, { purpose, expiresAfter }: Pick<NewFile, 'purpose' | 'expiresAfter'>) {
    const file = await this.get(owner, id)
    if (file === null) throw new Error(`there is no file ${id}`)
    const described = { ...file, purpose, expires_at: expiresAfter === null ? null : file.created_at + expiresAfter }
    await this.write(id, { owner, file: described })
    return described
  }

  async get(owner: string, id: string): Promise<FileObject | null> {
    const stored = await this.stored(id)
    return stored?.owner === owner && !this.isExpired(stored) ? stored.file : null
  }

  async list(owner: string): Promise<FileObject[]> {
    const files = await Promise.all((await this.ids()).map((id) => this.get(owner, id)))
    return files.filter((file) => file !== null)
  }

  async *read(owner: string, id: string, from = 0): AsyncIterable<Uint8Array> {
    if ((await this.get(owner, id)) === null) throw new Error(`there is no file ${id}`)
    yield* createReadStream(this.pathOf(id), { start: from }) as AsyncIterable<Uint8Array>
  }

  async remove(owner: string, id: string): Promise<boolean> {
    const stored = await this.stored(id)
    if (stored?.owner !== owner) return false
    await this.erase(id)
    return !this.isExpired(stored)
  }

  async sweep(): Promise<void> {
    for (const id of await this.ids()) {
      const stored = await this.stored(id)
      if (stored && this.isExpired(stored)) await this.erase(id)
    }
  }

  private async finish(id: string, path: string, { owner, filename, purpose, expiresAfter }: NewFile) {
    const createdAt = Math.floor(this.now() / 1000)
    const file: FileObject = {
      id,
      object: 'file',
      bytes: (await stat(path)).size,
      created_at: createdAt,
      expires_at: expiresAfter === null ? null : createdAt + expiresAfter,
      filename,
      purpose,
      status: 'processed',
    }
    await rename(path, this.pathOf(id))
    await this.write(id, { owner, file })
    return file
  }

  private async write(id: string, stored: StoredFile): Promise<void> {
    await writeWhole(join(this.folder, `${id}.json`), JSON.stringify(stored))
  }

  /** The description first: what it is gone from is no file any more. */
  private async erase(id: string): Promise<void> {
    await rm(join(this.folder, `${id}.json`), { force: true })
    await rm(this.pathOf(id), { force: true })
  }

  private async stored(id: string): Promise<StoredFile | null> {
    if (!isId('file-', id)) return null
    const text = await readFile(join(this.folder, `${id}.json`), 'utf8').catch(() => null)
    return text === null ? null : (JSON.parse(text) as StoredFile)
  }

  private async ids(): Promise<string[]> {
    const names = await readdir(this.folder).catch(() => [])
    return names.filter((name) => name.endsWith('.json')).map((name) => name.slice(0, -'.json'.length))
  }

  private isExpired({ file }: StoredFile): boolean {
    return file.expires_at !== null && this.now() / 1000 >= file.expires_at
  }

  private pathOf(id: string): string {
    return join(this.folder, `${id}.data`)
  }
}
