/** Files as `/v1/files` shows them, and what may be asked of a store of them. */

export const PURPOSES = ['batch', 'batch_output'] as const
export type FilePurpose = (typeof PURPOSES)[number]

/** OpenAI's object; times in seconds since 1970. */
export interface FileObject {
  id: string
  object: 'file'
  bytes: number
  created_at: number
  expires_at: number | null
  filename: string
  purpose: FilePurpose
  status: 'processed'
}

/** What is known of a file before its bytes. */
export interface NewFile {
  /** Name of the API key that it belongs to; '' where there are no keys. */
  owner: string
  filename: string
  purpose: FilePurpose
  /** Seconds until it expires; null: never. */
  expiresAfter: number | null
}

/** Files by id. A file is seen by its owner alone: to others it is not there. */
export interface FileStore {
  /** Takes a file in whole; one whose source fails leaves nothing behind. Throws what the source throws. */
  create(source: AsyncIterable<Uint8Array>, file: NewFile): Promise<FileObject>
  /** Takes a file of this machine over, as it lies there, under an id made before; done twice, it is done once. */
  adopt(id: string, path: string, file: NewFile): Promise<FileObject>
  /** Says anew what a file is for and how many seconds after its making it expires. Throws where there is none. */
  describe(owner: string, id: string, file: Pick<NewFile, 'purpose' | 'expiresAfter'>): Promise<FileObject>
  /** Null where there is none, or it has expired. */
  get(owner: string, id: string): Promise<FileObject | null>
  list(owner: string): Promise<FileObject[]>
  /** Its bytes from a place on. Throws where there is none. */
  read(owner: string, id: string, from?: number): AsyncIterable<Uint8Array>
  /** Whether there was one. */
  remove(owner: string, id: string): Promise<boolean>
  /** Removes what has expired. */
  sweep(): Promise<void>
}
