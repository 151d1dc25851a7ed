/** What the cache folder holds: pulled sources, and imports made of them and of files elsewhere. */
import { readdir, readFile, rm, stat, utimes } from 'node:fs/promises'
import { dirname, join, resolve, sep } from 'node:path'
import type { ModelManifest } from '../spec/manifest.js'
import { bytesOf } from './disk-bytes.js'
import type { FileFacts } from './file-facts.js'
import { removeLeftovers, unfinishedImports } from './leftovers.js'
import { CONTRACT_VERSION, MANIFEST_FILE } from './manifest-file.js'
import { knownModels } from './pull/index.js'
import { readPin } from './pull/hub-repository.js'

export interface CachedSource {
  /** What `sequoia pull` calls it, else its file's name. */
  name: string
  /** File or folder. */
  path: string
  bytes: number
}

export interface CachedImport {
  /** What `sequoia pull` calls its source, else the model's name as its checkpoint states it. */
  name: string
  format: string
  /** The folder, and the source that it was made of. */
  path: string
  source: string
  /** Whether that is what `sequoia pull` gets, not a file of the user's. */
  isKnown: boolean
  bytes: number
  /** When it was opened last. */
  usedAt: Date
  /** Whether this release reads it; what an earlier one wrote is only in the way. */
  isCurrent: boolean
}

/** What a killed import left; the next import of the same goes on with it. */
export interface UnfinishedImport {
  /** Of its folder, without the mark of its writer. */
  name: string
  path: string
  bytes: number
}

export interface CacheContents {
  sources: CachedSource[]
  imports: CachedImport[]
  unfinished: UnfinishedImport[]
}

export async function cacheContents(cacheDir: string): Promise<CacheContents> {
  const dir = join(cacheDir, 'imported')
  return {
    sources: await pulledSources(cacheDir),
    imports: await importsIn(dir),
    unfinished: await unfinishedIn(dir),
  }
}

/** Models that were pulled, by name. */
export function pulledSources(cacheDir: string): Promise<CachedSource[]> {
  return sourcesIn(join(cacheDir, 'sources'))
}

/** Sources and imports that go by this name, and imports that were made of these sources. */
export function named({ sources, imports, unfinished }: CacheContents, name: string): CacheContents {
  const meant = sources.filter((source) => [source.name, source.path].includes(name) || base(source.path) === name)
  const isOf = (path: string): boolean => meant.some((source) => isBelow(path, source.path))
  return {
    sources: meant,
    imports: imports.filter(
      ({ path, source, ...one }) =>
        [one.name, path, source, base(path), base(source), base(source).replace(/\.gguf$/, '')].includes(name) ||
        isOf(source),
    ),
    unfinished: unfinished.filter((one) => [one.name, one.path].includes(name)),
  }
}

/** What only earlier releases could open, and what nobody can yet. */
export function outdated({ imports, unfinished }: CacheContents): CacheContents {
  return { sources: [], imports: imports.filter(({ isCurrent }) => !isCurrent), unfinished }
}

/** Removes them, and the notes that say which import belongs to which file. */
export async function removeCached({ sources, imports, unfinished }: CacheContents): Promise<void> {
  for (const { path } of [...imports, ...unfinished, ...sources]) {
    await rm(path, { recursive: true, force: true })
    await rm(join(path, '..', `.${base(path)}.checked`), { force: true })
  }
  for (const dir of new Set(imports.map(({ path }) => join(path, '..')))) await removeLeftovers(dir)
}

/** Notes that an import was opened. A cache that cannot be written keeps the time of the last note. */
export async function markUsed(dir: string): Promise<void> {
  const now = new Date()
  await utimes(join(dir, MANIFEST_FILE), now, now).catch(() => undefined)
}

async function sourcesIn(dir: string): Promise<CachedSource[]> {
  const found: CachedSource[] = []
  for (const name of await visible(dir)) {
    if (name === 'hf') continue
    const path = join(dir, name)
    found.push({ name: (await knownName(dir, path)) ?? name, path, bytes: await bytesOf(path) })
  }
  const hub = join(dir, 'hf')
  for (const owner of await visible(hub))
    for (const variant of await visible(join(hub, owner)))
      for (const repository of await visible(join(hub, owner, variant))) {
        const path = join(hub, owner, variant, repository)
        const pin = await readPin(path)
        const suffix = variant === 'files' ? '' : `:${variant}`
        found.push({
          name: `hf.co/${pin?.repository ?? `${owner}/${repository}`}${suffix}`,
          path,
          bytes: await bytesOf(path),
        })
      }
  return found
}

async function knownName(dir: string, path: string): Promise<string | null> {
  // Several names may share a source: it is called by the one that has no other before it.
  const names = knownModels.flatMap(({ name, sources }) =>
    sources.map(({ place }, order) => ({ name, order, at: place !== undefined && join(dir, place) })),
  )
  const [first] = names.filter(({ at }) => at === path).sort((a, b) => a.order - b.order)
  return first?.name ?? null
}

/** What a model of one file is called that has this SHA-256. */
function nameOfFile(sha256: string | undefined): string | null {
  const isIt = (files: object): boolean => {
    const facts: FileFacts[] = Object.values(files)
    return facts.length === 1 && facts[0].sha256 === sha256
  }
  return knownModels.find(({ sources }) => sources.some(({ files = {} }) => isIt(files)))?.name ?? null
}

async function importsIn(dir: string): Promise<CachedImport[]> {
  const found: CachedImport[] = []
  for (const name of await visible(dir)) {
    const path = join(dir, name)
    const file = join(path, MANIFEST_FILE)
    const text = await readFile(file, 'utf8').catch(() => null)
    if (text === null) continue
    const manifest = parsed(text)
    const source = resolve(manifest?.source?.path ?? path)
    const known = nameOfFile(manifest?.source?.sha256)
    found.push({
      name: known ?? manifest?.name ?? name,
      format: manifest?.format ?? 'unknown',
      path,
      source,
      isKnown: known !== null || isBelow(source, dirname(dir)),
      bytes: await bytesOf(path),
      usedAt: (await stat(file)).mtime,
      isCurrent: manifest?.version === CONTRACT_VERSION,
    })
  }
  return found.sort((a, b) => b.usedAt.getTime() - a.usedAt.getTime())
}

async function unfinishedIn(dir: string): Promise<UnfinishedImport[]> {
  const found: UnfinishedImport[] = []
  for (const path of await unfinishedImports(dir))
    found.push({ name: base(path).replace(/\.part-.*/, ''), path, bytes: await bytesOf(path) })
  return found
}

function parsed(text: string): Partial<ModelManifest> | null {
  try {
    return JSON.parse(text) as Partial<ModelManifest>
  } catch {
    return null
  }
}

/** Names in a folder, but for notes and what is being written; none where there is no folder. */
async function visible(dir: string): Promise<string[]> {
  return (await readdir(dir).catch(() => [])).filter((name) => !/^\.|\.part(?:-|$)/.test(name)).sort()
}

const base = (path: string): string => path.slice(path.lastIndexOf(sep) + 1)
const isBelow = (path: string, folder: string): boolean => path === folder || path.startsWith(folder + sep)
