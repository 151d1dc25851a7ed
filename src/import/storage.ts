/** Places of ours that cannot be written: told in one sentence, with what would do. */
import { statfs } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { cacheFolder } from '../common/cache-folder.js'
import { StorageError } from '../spec/errors.js'

/** Bytes that the file system of a folder has free for us. */
export type FreeBytes = (dir: string) => Promise<number>

const FULL = new Set(['ENOSPC', 'EDQUOT'])
const FORBIDDEN = new Set(['EACCES', 'EROFS', 'EPERM', 'ENOTDIR', 'EEXIST', 'ENOENT', 'ENAMETOOLONG'])

/**
 * An error of the file system while something was written at `path`, as `StorageError`; any other error as it is.
 * `bytes`: what was to be written there.
 */
export async function storageFault(
  error: unknown,
  path: string,
  bytes?: number,
  free: FreeBytes = freeBytes,
): Promise<unknown> {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  if (FULL.has(code)) {
    const needed = bytes === undefined ? '' : ` of the ${bytes} bytes needed`
    return new StorageError(
      path,
      `the disk is full: ${path} could not be written, ${await free(path)} bytes${needed} are free; ` +
        'free some space or choose another cache folder (XDG_CACHE_HOME, or the option cacheDir)',
      { cause: error },
    )
  }
  if (!FORBIDDEN.has(code) || !concerns(error, path)) return error
  return new StorageError(
    path,
    `${path} cannot be written (${code}); choose a cache folder that can (XDG_CACHE_HOME, or the option cacheDir)`,
    { cause: error },
  )
}

/** Whether an error is about a path, something in its folder, or a folder above it. */
function concerns(error: unknown, path: string): boolean {
  const at = error instanceof Error && 'path' in error ? resolve(String(error.path)) : null
  return at === null || resolve(path).startsWith(at) || at.startsWith(dirname(resolve(path)))
}

/** Throws `StorageError` with both numbers where `bytes` are not free. Says nothing where the system does not tell. */
export async function requireSpace(
  what: string,
  dir: string,
  bytes: number,
  free: FreeBytes = freeBytes,
): Promise<void> {
  const left = await free(dir)
  if (left >= bytes) return
  throw new StorageError(
    dir,
    `${what} takes ${bytes} bytes and the disk of ${dir} has ${left} free; ` +
      'free some space or choose another cache folder (XDG_CACHE_HOME, or the option cacheDir)',
  )
}

/** The user's cache folder. Throws `StorageError` for a user without a home. */
export function usualCacheFolder(): string {
  try {
    return cacheFolder()
  } catch (cause) {
    throw new StorageError(
      'HOME',
      'there is no home folder to keep models in; name a cache folder (XDG_CACHE_HOME, or the option cacheDir)',
      { cause },
    )
  }
}

/** Of the disk that a folder is on or will be on; Infinity where the system does not tell. */
export async function freeBytes(dir: string): Promise<number> {
  for (let at = dir; ; at = dirname(at)) {
    const found = await statfs(at).catch(() => null)
    if (found) return found.bavail * found.bsize
    if (at === dirname(at)) return Infinity
  }
}
