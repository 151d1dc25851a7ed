/** A repository of the Hugging Face hub: its files at its newest commit, each checked against the hub's metadata. */
import { createHash } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { makeFolder } from '../../common/make-folder.js'
import { asRecord } from '../../common/record.js'
import { writeWhole } from '../../common/write-whole.js'
import { hashFile } from '../../common/hash.js'
import { remark } from '../../common/progress.js'
import { isWhole, type FileFacts } from '../file-facts.js'
import { download } from './download.js'
import { chooseFiles, type HubFile, type HubReference } from './hub-reference.js'
import { Unreachable, type PullContext, type PullSource } from './source.js'

/** What was pulled, beside the files: later opens need no network, and take no other commit. */
export interface HubPin {
  repository: string
  /** Commit hash. */
  revision: string
  /** By name. */
  files: Record<string, FileFacts>
}

export const PIN_FILE = '.pulled.json'

/** Of the hub, or of the mirror that `HF_ENDPOINT` names. */
export function hubAddress(): string {
  return (process.env.HF_ENDPOINT ?? 'https://huggingface.co').replace(/\/$/, '')
}

/** `HF_TOKEN` opens what is gated or private. */
export function hubHeaders(): Record<string, string> {
  const { HF_TOKEN } = process.env
  return HF_TOKEN ? { authorization: `Bearer ${HF_TOKEN}` } : {}
}

export function hubRepository(reference: HubReference): PullSource {
  const folderIn = (dir: string): string => join(dir, ...folderOf(reference))
  return {
    label: `the Hugging Face hub (${reference.repository})`,
    find: async (dir) => {
      const pin = await readPin(folderIn(dir))
      if (pin === null) return null
      for (const [name, facts] of Object.entries(pin.files))
        if (!(await isWhole(join(folderIn(dir), basename(name)), facts))) return null
      return pathOf(folderIn(dir), pin)
    },
    fetch: (context) => fetchAll(reference, folderIn(context.dir), context),
  }
}

/** Below the folder of sources: one for each thing that was asked for. */
function folderOf({ repository, variant }: HubReference): string[] {
  const [owner, name] = repository.split('/')
  return ['hf', owner, (variant ?? 'files').replace(/[^\w.-]/g, '_'), name]
}

/** Null where nothing was pulled whole into the folder. */
export async function readPin(folder: string): Promise<HubPin | null> {
  const text = await readFile(join(folder, PIN_FILE), 'utf8').catch(() => null)
  return text === null ? null : (JSON.parse(text) as HubPin)
}

/** The checkpoint: the folder, or its first GGUF file. */
function pathOf(folder: string, { files }: HubPin): string {
  const [gguf] = Object.keys(files)
    .filter((name) => /\.gguf$/i.test(name))
    .sort()
  return gguf === undefined ? folder : join(folder, basename(gguf))
}

async function fetchAll(reference: HubReference, folder: string, context: PullContext): Promise<string> {
  const { repository } = reference
  const { onProgress, signal, freeBytes } = context
  const { revision, files } = await lookUp(reference, signal)
  const pin: HubPin = { repository, revision, files: {} }
  await makeFolder(folder)
  for (const file of chooseFiles(reference, files)) {
    const path = join(folder, basename(file.name))
    const url = `${hubAddress()}/${repository}/resolve/${revision}/${file.name}`
    const facts = { bytes: file.bytes, sha256: file.sha256 ?? '' }
    if (file.sha256 === null) facts.sha256 = await fetchSmall(url, path, file, signal)
    else if (!(await isWhole(path, facts))) {
      const onBytes = (done: number): void =>
        onProgress({ stage: 'pull', text: `pulling ${repository} ${file.name}`, done, total: file.bytes })
      await download(url, path, facts, { onBytes, signal, headers: hubHeaders(), freeBytes })
    }
    onProgress(remark(`${file.name}: ${facts.bytes} bytes, SHA-256 ${facts.sha256}`))
    pin.files[file.name] = facts
  }
  await writeWhole(join(folder, PIN_FILE), JSON.stringify(pin, null, 1))
  return pathOf(folder, pin)
}

/** Files outside large file storage are small; Git's hash of the blob is what the hub states of them. */
async function fetchSmall(url: string, path: string, file: HubFile, signal?: AbortSignal): Promise<string> {
  const bytes = Buffer.from(await (await ask(url, signal)).arrayBuffer())
  const blob = createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex')
  if (bytes.length !== file.bytes || (file.blob !== null && blob !== file.blob))
    throw new Error(
      `${url} has ${bytes.length} bytes and Git hash ${blob}; the hub states ${file.bytes} and ${file.blob}`,
    )
  await makeFolder(dirname(path))
  await writeFile(path, bytes)
  return hashFile(path)
}

async function lookUp(
  { repository }: HubReference,
  signal?: AbortSignal,
): Promise<{ revision: string; files: HubFile[] }> {
  const url = `${hubAddress()}/api/models/${repository}/revision/main?blobs=true`
  const info = asRecord(await (await ask(url, signal)).json())
  const siblings = Array.isArray(info?.siblings) ? info.siblings.map(asRecord) : []
  if (typeof info?.sha !== 'string' || siblings.length === 0) throw new Error(`${url} lists no commit and files`)
  const files = siblings.map((sibling): HubFile => {
    const lfs = asRecord(sibling?.lfs)
    return {
      name: String(sibling?.rfilename),
      bytes: Number(lfs?.size ?? sibling?.size),
      sha256: typeof lfs?.sha256 === 'string' ? lfs.sha256 : null,
      blob: typeof sibling?.blobId === 'string' ? sibling.blobId : null,
    }
  })
  return { revision: info.sha, files }
}

async function ask(url: string, signal?: AbortSignal): Promise<Response> {
  const response = await fetch(url, { headers: hubHeaders(), signal }).catch((cause: unknown) => {
    const why = cause instanceof Error && cause.cause instanceof Error ? cause.cause.message : String(cause)
    throw new Unreachable(`${url}: ${why}`, { cause })
  })
  if (response.ok) return response
  const hint =
    response.status === 401 || response.status === 403
      ? '; it is gated, private or not there: accept its terms on its page, ' +
        'and set HF_TOKEN to a token that may read it'
      : ''
  throw new Error(`${url}: the server answered ${`${response.status} ${response.statusText}`.trim()}${hint}`)
}
