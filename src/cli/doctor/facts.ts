/** What this machine and this installation are, for a report. Reads files and loads ONNX Runtime; asks no network. */
import { existsSync, readdirSync } from 'node:fs'
import { access, constants, readdir } from 'node:fs/promises'
import { availableParallelism, cpus, freemem, loadavg, release, totalmem } from 'node:os'
import { join } from 'node:path'
import { makeFolder } from '../../common/make-folder.js'
import { packageVersion } from '../../common/package-version.js'
import { formats } from '../../formats/index.js'
import { cacheContents } from '../../import/cache-contents.js'
import { freeBytes, usualCacheFolder } from '../../import/storage.js'
import { instructionSet } from '../../runtime/instruction-set.js'
import { machineFacts } from '../../open/chosen-format.js'
import { chooseFormat } from '../../open/format-choice.js'
import { cudaLibraryPath, cudaProviderPath } from '../../runtime/binding/library.js'
import { hasNvidiaDriver } from '../../runtime/device/nvidia.js'
import type { RuntimeKind } from '../../runtime/backend.js'
import { loadOnnxRuntime, silenceTelemetry } from '../../runtime/onnxruntime.js'
import { whyNotBinding } from '../../runtime/open-forward.js'
import { defaultThreads } from '../../runtime/threads.js'

/** Sizes are bytes. */
export interface Facts {
  versions: { 'sequoia-onnx': string; 'onnxruntime-node': string; node: string }
  /** `libc`: of Linux. */
  system: { platform: string; arch: string; release: string; libc: 'glibc' | 'musl' | null }
  processor: {
    model: string
    /** Logical cores: of the machine, and those that this process may use. */
    cores: number
    usable: number
    /** That a model pass gets where nobody says. */
    threads: number
    extensions: string[]
    /** Processes that wanted a core in the last minute, on average. */
    load: number
  }
  /** `limit`: what a container allows; null: no less than the machine has. */
  memory: { total: number; free: number; limit: number | null }
  /** How ONNX Runtime is called; null: it does not load. `why`: what is in the way of the better one. */
  runtime: { kind: RuntimeKind | null; why: string | null; telemetryOff: boolean }
  /** Whether formats that promise equal bits keep that on this processor. */
  exact: Record<string, boolean>
  /** What `format: 'auto'` comes to here for a large 4-bit file without a draft model, and why. */
  fourBitFile: string
  /** `fault`: why it cannot be used. `timings`: of passes, one a model, runtime and number of threads. */
  cache: {
    dir: string | null
    fault: string | null
    free: number
    bytes: number
    pulled: number
    imported: number
    outdated: number
    timings: number
  }
  gpu: { driver: boolean; cudaLibraries: boolean }
}

/** Weights of a large model. */
const LARGE = 1e9

export async function gatherFacts(): Promise<Facts> {
  const runtime = await runtimeFacts()
  return {
    versions: {
      'sequoia-onnx': packageVersion('sequoia-onnx'),
      'onnxruntime-node': packageVersion('onnxruntime-node'),
      node: process.versions.node,
    },
    system: { platform: process.platform, arch: process.arch, release: release(), libc: libc() },
    processor: {
      model: cpus()[0]?.model.trim() ?? 'unknown',
      cores: cpus().length,
      usable: availableParallelism(),
      threads: defaultThreads(),
      extensions: instructionSet() ?? [],
      load: loadavg()[0],
    },
    memory: { total: totalmem(), free: freemem(), limit: memoryLimit() },
    runtime,
    exact: runtime.kind === null ? {} : await exactFormats(),
    fourBitFile: chooseFormat({
      device: 'cpu',
      hasBudget: false,
      draft: 'ngram',
      measured: null,
      source: { weights: LARGE, fourBitShare: 1 },
      machine: machineFacts(),
    }).why,
    cache: await cacheFacts(),
    gpu: gpuFacts(),
  }
}

async function runtimeFacts(): Promise<Facts['runtime']> {
  const telemetryOff = silenceTelemetry()
  const why = (await whyNotBinding()) ?? null
  if (why === null) return { kind: 'binding', why, telemetryOff }
  const kind = await loadOnnxRuntime().then(
    () => 'portable' as const,
    () => null,
  )
  return { kind, why, telemetryOff }
}

async function exactFormats(): Promise<Record<string, boolean>> {
  const exact: Record<string, boolean> = {}
  for (const { name, integers, exact: isPromised } of formats.values())
    if (integers && isPromised) exact[name] = await integers.areExact(await integers.best())
  return exact
}

async function cacheFacts(): Promise<Facts['cache']> {
  const none = { free: 0, bytes: 0, pulled: 0, imported: 0, outdated: 0, timings: 0 }
  try {
    const dir = usualCacheFolder()
    const fault = await makeFolder(dir)
      .then(() => access(dir, constants.W_OK))
      .then(
        () => null,
        (error: Error) => error.message,
      )
    const { sources, imports } = await cacheContents(dir)
    return {
      dir,
      fault,
      free: await freeBytes(dir),
      bytes: [...sources, ...imports].reduce((sum, { bytes }) => sum + bytes, 0),
      pulled: sources.length,
      imported: imports.length,
      outdated: imports.filter(({ isCurrent }) => !isCurrent).length,
      timings: (await readdir(join(dir, 'profiles')).catch(() => [])).length,
    }
  } catch (error) {
    return { dir: null, fault: error instanceof Error ? error.message : String(error), ...none }
  }
}

function gpuFacts(): Facts['gpu'] {
  const driver = hasNvidiaDriver()
  try {
    return { driver, cudaLibraries: existsSync(cudaProviderPath(cudaLibraryPath())) }
  } catch {
    return { driver, cudaLibraries: false }
  }
}

/** ONNX Runtime's library is built for glibc. */
function libc(): Facts['system']['libc'] {
  if (process.platform !== 'linux') return null
  return existsSync('/lib') && readdirSync('/lib').some((name) => name.startsWith('ld-musl')) ? 'musl' : 'glibc'
}

function memoryLimit(): number | null {
  const limit = process.constrainedMemory()
  return limit > 0 && limit < totalmem() ? limit : null
}
