/**
 * ONNX Runtime's libraries for NVIDIA GPUs: those of its GPU package on the Python package index, of the version in
 * use, by way of the user's own `pip` and what is set for it (`PIP_INDEX_URL`, `PIP_FIND_LINKS`). pip holds the wheel
 * to the index's hash; what is taken out of it is held to the SHA-256 that the wheel's own record states.
 */
import { mkdir, readFile, rename, rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { makeFolder } from '../../common/make-folder.js'
import { hashFile } from '../../common/hash.js'
import { remark, type OnProgress } from '../../common/progress.js'
import { PullError } from '../../spec/errors.js'
import { requireSpace, type FreeBytes } from '../storage.js'
import { pipDownload, type PipFile } from './pip-source.js'
import { Unreachable } from './source.js'
import { extractEntry } from './wheel.js'
import { inWorkFolder } from './work-folder.js'

export interface GpuLibraries {
  /** Of ONNX Runtime. */
  version: string
  /** The folder to make; one that is there is replaced. */
  dir: string
  cacheDir: string
  onProgress?: OnProgress
  signal?: AbortSignal
  commands?: PipFile['commands']
  freeBytes?: FreeBytes
}

/** The wheel of version 1.30.0, and its libraries. */
const WHEEL_BYTES = 260e6
const NEEDED_BYTES = 3 * WHEEL_BYTES + 320e6
/** Whatever Python is there: of the wheel only libraries are used. */
const FLAGS = [
  '--only-binary=:all:',
  '--python-version=3.12',
  ...['2_28', '2_27', '2_17'].map((glibc) => `--platform=manylinux_${glibc}_x86_64`),
]

/** Returns the files' names. Throws `PullError` where the package cannot be had or is not what its record says. */
export async function installGpuLibraries(options: GpuLibraries): Promise<string[]> {
  const { version, dir, cacheDir, signal, freeBytes, commands, onProgress = () => undefined } = options
  const requirement = `onnxruntime-gpu==${version}`
  const text = `fetching ${requirement}`
  await makeFolder(cacheDir)
  await requireSpace(text, cacheDir, NEEDED_BYTES, freeBytes)
  const onBytes = (done: number): void =>
    onProgress({ stage: 'pull', text, done: Math.min(done, WHEEL_BYTES), total: WHEEL_BYTES })
  return inWorkFolder(cacheDir, async (work) => {
    try {
      const from = { dir: cacheDir, signal, freeBytes }
      const wheel = await pipDownload(
        { requirement, needed: NEEDED_BYTES, commands, flags: FLAGS },
        work,
        from,
        onBytes,
      )
      onProgress(remark(`checking ${requirement}`, 'pull'))
      const made = join(work, 'libraries')
      await mkdir(made)
      const names = await takeLibraries(wheel, version, made)
      await rm(dir, { recursive: true, force: true })
      await rename(made, dir)
      return names
    } catch (error) {
      if (signal?.aborted) throw error
      const reason = error instanceof Error ? error.message : String(error)
      throw new PullError(requirement, `${requirement} cannot be had from the Python package index: ${reason}`, {
        offline: error instanceof Unreachable,
      })
    }
  })
}

async function takeLibraries(wheel: string, version: string, to: string): Promise<string[]> {
  const record = join(to, 'RECORD')
  await extractEntry(wheel, `onnxruntime_gpu-${version}.dist-info/RECORD`, record)
  const hashes = new Map(
    (await readFile(record, 'utf8')).split('\n').map((line): [string, string] => {
      const [path, hash = ''] = line.trim().split(',')
      return [path, hash]
    }),
  )
  await rm(record)
  const names: string[] = []
  for (const name of [`libonnxruntime.so.${version}`, ...PROVIDERS]) {
    const entry = `onnxruntime/capi/${name}`
    await extractEntry(wheel, entry, join(to, name))
    const sha256 = Buffer.from(await hashFile(join(to, name)), 'hex').toString('base64url')
    if (hashes.get(entry) !== `sha256=${sha256}`)
      throw new Error(`${entry} of ${basename(wheel)} has SHA-256 ${sha256}, its record says ${hashes.get(entry)}`)
    names.push(name)
  }
  return names
}

const PROVIDERS = ['libonnxruntime_providers_cuda.so', 'libonnxruntime_providers_shared.so']
