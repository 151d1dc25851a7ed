/** What a machine with a GPU and without a network needs to run the benchmark, and writing it in pieces. */
import { execFileSync, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, relative, resolve } from 'node:path'
import { cacheFolder } from '../../src/common/cache-folder.js'
import { cudaFolder } from '../../src/runtime/binding/library.js'
import { sizeText } from '../../src/open/budget/size-text.js'
import { smollm2File } from '../../test/support/smollm2.js'

export interface Item {
  what: string
  /** Names in the archive are relative to it. */
  root: string
  /** Below the root; files or folders. None: it is not here. */
  paths: readonly string[]
  bytes: number
  /** How to get it, where it is not here. */
  otherwise?: string
}

const ROOT = join(import.meta.dirname, '../..')
/** Of this repository: the build, and what is run of the sources. */
const OWN = ['package.json', 'dist', 'src', 'plugins', 'adapters', 'scripts', 'bench', 'test/support', 'models']
/** What runs TypeScript, and what is imported of the tests' support. */
const RUNNERS = ['tsx', 'uvu', 'protobufjs']
const LEFT_OUT = [
  /node_modules\/onnxruntime-node\/bin\/[^/]+\/(?:darwin|win32|linux\/arm64)/,
  /^bench\/peers\/node_modules/,
  /^bench\/results/,
  /^models\/recipe/,
]

/** `more`: files and folders that are to be carried besides, such as CUDA's libraries. */
export function carried(more: readonly string[] = []): Item[] {
  const cache = dirname(cacheFolder())
  const inCache = (path: string): string[] => (existsSync(path) ? [relative(cache, path)] : [])
  return [
    item('Node', dirname(process.execPath), [basename(process.execPath)]),
    item(
      'this package',
      ROOT,
      OWN.filter((path) => existsSync(join(ROOT, path))),
    ),
    item('npm packages', ROOT, packages()),
    item('SmolLM2', cache, inCache(smollm2File), '"sequoia pull smollm2-135m"'),
    item("ONNX Runtime's GPU libraries", cache, inCache(cudaFolder()), '"sequoia gpu install"'),
    ...more.map((path) =>
      item(path, dirname(path), existsSync(path) ? [basename(path)] : [], 'the path that was given'),
    ),
  ]
}

export function listText(items: readonly Item[]): string {
  const rows = items.map(({ what, paths, bytes, otherwise }) => {
    const size = paths.length > 0 ? sizeText(bytes) : `not here: ${otherwise ?? 'it is missing'}`
    return `${what.padEnd(32)}${size}`
  })
  const total = items.reduce((sum, { bytes }) => sum + bytes, 0)
  return [
    ...rows,
    `${'in all'.padEnd(32)}${sizeText(total)}`,
    'Besides, on that machine: an NVIDIA driver, and CUDA 13 with libcublas, libcublasLt, libcudart and libcurand ' +
      '(--with=FOLDER carries them; LD_LIBRARY_PATH has to name the folder there).',
  ].join('\n')
}

/**
 * Writes a compressed archive of all items as `piece-000`, `piece-001`, ... of at most `pieceBytes` each, with their
 * checksums and `unpack.sh`, which puts them together. Returns the pieces' names.
 */
export async function writePieces(items: readonly Item[], pieceBytes: number, folder: string): Promise<string[]> {
  mkdirSync(folder, { recursive: true })
  const lists = items.flatMap(({ root, paths }, i) => {
    const list = join(resolve(folder), `files-${i}`)
    writeFileSync(
      list,
      filesOf(root, paths)
        .map((path) => `${path}\n`)
        .join(''),
    )
    return paths.length > 0 ? ['-C', resolve(root), '-T', list] : []
  })
  const tar = spawn('tar', ['-czf', '-', ...lists], { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = once(tar, 'exit')
  const pieces: string[] = []
  const sums: string[] = []
  const write = (bytes: Buffer): void => {
    const name = `piece-${String(pieces.length).padStart(3, '0')}`
    writeFileSync(join(folder, name), bytes)
    pieces.push(name)
    sums.push(`${createHash('sha256').update(bytes).digest('hex')}  ${name}`)
  }
  let [held, bytes] = [[] as Buffer[], 0]
  for await (const chunk of tar.stdout as AsyncIterable<Buffer>) {
    let rest = chunk
    while (bytes + rest.length >= pieceBytes) {
      write(Buffer.concat([...held, rest.subarray(0, pieceBytes - bytes)]))
      rest = rest.subarray(pieceBytes - bytes)
      ;[held, bytes] = [[], 0]
    }
    held.push(rest)
    bytes += rest.length
  }
  if (bytes > 0) write(Buffer.concat(held))
  const [code] = (await ended) as [number]
  if (code !== 0) throw new Error(`tar ended with ${code}`)
  writeFileSync(join(folder, 'SHA256SUMS'), `${sums.join('\n')}\n`)
  writeFileSync(join(folder, 'unpack.sh'), UNPACK)
  return pieces
}

const UNPACK = `#!/bin/sh
# Checks the pieces, puts them together here and runs the benchmark.
set -e
sha256sum -c --quiet SHA256SUMS
cat piece-* | tar -xzf -
export XDG_CACHE_HOME="$PWD"
exec ./node --import tsx --import ./scripts/use-build.mjs bench/run.ts gpu "$@"
`

function item(what: string, root: string, paths: readonly string[], otherwise?: string): Item {
  const bytes = filesOf(root, paths).reduce((sum, path) => sum + statSync(join(root, path)).size, 0)
  return { what, root, paths, bytes, otherwise }
}

/** Files below a root, folders walked through, without those that are left out. */
export function filesOf(root: string, paths: readonly string[]): string[] {
  return paths.flatMap((path) => {
    if (LEFT_OUT.some((pattern) => pattern.test(path))) return []
    if (!statSync(join(root, path)).isDirectory()) return [path]
    return filesOf(
      root,
      readdirSync(join(root, path)).map((name) => `${path}/${name}`),
    )
  })
}

/** Folders of the packages that users get, and of those that run TypeScript. */
function packages(): string[] {
  const listed = execFileSync('npm', ['ls', '--omit=dev', '--all', '--parseable'], { cwd: ROOT, encoding: 'utf8' })
  const own = listed.split('\n').flatMap((path) => (path.includes('node_modules') ? [relative(ROOT, path)] : []))
  const runners = [...withNeeds(RUNNERS)].map((name) => join('node_modules', name))
  return [...new Set([...own, ...runners])].filter((path, _, all) => !all.some((other) => path.startsWith(`${other}/`)))
}

/** Packages and all that they need, of those that are here. */
function withNeeds(names: readonly string[], found = new Set<string>()): Set<string> {
  for (const name of names) {
    const file = join(ROOT, 'node_modules', name, 'package.json')
    if (found.has(name) || !existsSync(file)) continue
    found.add(name)
    const { dependencies, optionalDependencies } = JSON.parse(readFileSync(file, 'utf8')) as Needs
    withNeeds(Object.keys({ ...dependencies, ...optionalDependencies }), found)
  }
  return found
}

interface Needs {
  dependencies?: Record<string, string>
  optionalDependencies?: Record<string, string>
}
