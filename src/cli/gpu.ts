/** `sequoia gpu`: what computing on an NVIDIA GPU takes, what of it is here, and fetching what can be fetched. */
import { existsSync } from 'node:fs'
import { cacheFolder } from '../common/cache-folder.js'
import { packageVersion } from '../common/package-version.js'
import { installGpuLibraries } from '../import/pull/gpu-libraries.js'
import { sizeText } from '../open/budget/size-text.js'
import { deviceAt } from '../runtime/binding/device.js'
import { cudaFolder, cudaLibraryPath, cudaProviderPath, libraryPath } from '../runtime/binding/library.js'
import { nvidiaFacts, type NvidiaFacts } from '../runtime/device/nvidia.js'
import { InvalidArgumentError } from '../spec/errors.js'
import type { Command } from './command.js'
import { parse, toggle } from './flags.js'
import { showingProgress } from './progress-bars.js'

const flags = { json: toggle('print one JSON object') }
const INSTALL = 'install'

export const gpu: Command = {
  name: 'gpu',
  summary: "say what computing on a GPU takes and what is missing; gpu install fetches ONNX Runtime's libraries for it",
  usage: 'gpu [install] [--json]',
  flags,
  async run(argv) {
    const { values, operand } = parse(flags, argv, INSTALL, { optional: true })
    if (operand !== '' && operand !== INSTALL)
      throw new InvalidArgumentError(
        operand,
        `"sequoia gpu" takes ${INSTALL} or nothing; got ${JSON.stringify(operand)}`,
      )
    if (operand === INSTALL) await install()
    const facts = await gpuFacts()
    console.log(values.json ? JSON.stringify(facts) : reportOf(facts))
    return 0
  },
}

/** Into the cache folder, where engines look for them. */
async function install(): Promise<void> {
  const where = `${process.platform} ${process.arch}`
  if (where !== 'linux x64')
    throw new InvalidArgumentError(
      INSTALL,
      `ONNX Runtime has libraries for NVIDIA GPUs on linux x64 alone; this is ${where}`,
    )
  const version = packageVersion('onnxruntime-node')
  await showingProgress((onProgress) =>
    installGpuLibraries({ version, dir: cudaFolder(), cacheDir: cacheFolder(), onProgress }),
  )
}

export interface GpuFacts {
  /** Null: no driver. */
  nvidia: NvidiaFacts | null
  version: string
  /** ONNX Runtime's library that would be used, and whether it has its provider of GPUs beside it. */
  library: string
  hasProvider: boolean
  isFetched: boolean
  /** Why nothing can compute on the first GPU, as the end of a sentence; null: it can. */
  fault: string | null
}

export async function gpuFacts(): Promise<GpuFacts> {
  const library = cudaLibraryPath()
  return {
    nvidia: await nvidiaFacts(),
    version: packageVersion('onnxruntime-node'),
    library,
    hasProvider: existsSync(cudaProviderPath(library)),
    isFetched: library !== libraryPath(),
    fault: await deviceAt('cuda').fault(),
  }
}

export function reportOf({ nvidia, version, library, hasProvider, isFetched, fault }: GpuFacts): string {
  const driver = nvidia === null ? 'none' : (nvidia.driver ?? 'there, but nvidia-smi is not')
  const rows: [string, string][] = [
    ['driver', driver],
    ...(nvidia?.gpus ?? []).map(({ index, name, totalBytes, freeBytes }): [string, string] => [
      `GPU ${index}`,
      `${name}, ${sizeText(freeBytes)} free of ${sizeText(totalBytes)}`,
    ]),
    ['ONNX Runtime', `${version}, ${library}`],
    ['CUDA libraries', hasProvider ? (isFetched ? 'fetched' : 'beside it') : 'none'],
    ['device cuda', fault === null ? 'can be had' : `cannot be had: ${fault}`],
  ]
  const help = fault === null ? [] : ['', ...adviceFor({ nvidia, hasProvider })]
  return [...rows.map(([name, value]) => `${name.padEnd(16)}${value}`), ...help].join('\n')
}

/** What to do about it, in order. */
function adviceFor({ nvidia, hasProvider }: Pick<GpuFacts, 'nvidia' | 'hasProvider'>): string[] {
  const steps: string[] = []
  if (nvidia === null) steps.push("An NVIDIA driver: your system's packages have one; a container needs --gpus all.")
  if (!hasProvider)
    steps.push(
      'ONNX Runtime\'s CUDA libraries: "sequoia gpu install" fetches them by pip (PIP_INDEX_URL and the like say ' +
        "from where); or onnxruntime-node's own script does (docs/gpu.md).",
    )
  steps.push(
    'CUDA itself, where a library of it does not load: the packages nvidia-cublas, nvidia-cuda-runtime and ' +
      'nvidia-curand of the Python package index bring it; LD_LIBRARY_PATH has to name their folders.',
  )
  return ['What it takes:', ...steps.map((step) => `- ${step}`)]
}
