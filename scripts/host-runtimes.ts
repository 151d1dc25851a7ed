/**
 * Set-up of the tests of examples/hosts: gets each runtime once into the user's cache folder, at the versions pinned
 * here and in the hosts' own lock files, or says why it cannot. A marker `ready` [pins] beside what was got makes the
 * next run a glance. `npx tsx scripts/host-runtimes.ts` to run it alone.
 */
import { spawnSync } from 'node:child_process'
import { accessSync, constants, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { devNull } from 'node:os'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { cacheFolder } from '../src/common/cache-folder.js'

export const HOSTS = ['browser', 'deno', 'bun', 'python', 'go', 'rust'] as const
export type Host = (typeof HOSTS)[number]

export interface HostRuntime {
  host: Host
  ready: boolean
  /** Why it is not ready. */
  reason: string
  /**
   * Whether it could have been: its tools are here and a registry answered. If so, not being ready is a fault of ours.
   */
  reachable: boolean
}

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const SOURCES = join(ROOT, 'examples', 'hosts')
const WINDOWS = process.platform === 'win32'
/** An installer that takes longer than this hangs. */
const LIMIT_MS = 10 * 60_000

const DENO = 'deno@2.9.6'
const BUN = 'bun@1.4.5'

/** How the installers say that nobody answers. */
const UNREACHABLE = new RegExp(
  'ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|Retrying|no such host|connection refused|' +
    "i/o timeout|[Cc]ould not resolve|[Cc]ouldn't resolve|[Cc]ould not connect",
)

interface Recipe {
  /** Programs that must be on the machine. */
  tools: string[]
  /** What the marker must say: change it and the runtime is got anew. */
  pins(): string
  /** Commands that get it into `folder`. */
  install(folder: string): string[][]
}

const source = (...path: string[]): string => readFileSync(join(SOURCES, ...path), 'utf8')

const recipes: Record<Exclude<Host, 'browser'>, Recipe> = {
  deno: { tools: ['npm'], pins: () => DENO, install: (folder) => [fromNpm(folder, DENO)] },
  bun: { tools: ['npm'], pins: () => BUN, install: (folder) => [fromNpm(folder, BUN)] },
  python: {
    tools: [WINDOWS ? 'python' : 'python3'],
    pins: () => source('python', 'requirements.txt'),
    install: (folder) => [
      [WINDOWS ? 'python' : 'python3', '-m', 'venv', folder],
      [
        pythonIn(folder),
        '-m',
        'pip',
        'install',
        '--quiet',
        '--disable-pip-version-check',
        '--requirement',
        join(SOURCES, 'python', 'requirements.txt'),
      ],
    ],
  },
  go: {
    tools: ['go'],
    pins: () => source('go', 'go.sum'),
    install: () => [['go', 'build', '-C', join(SOURCES, 'go'), '-o', devNull, '.']],
  },
  rust: {
    tools: ['cargo'],
    pins: () => source('rust', 'Cargo.lock'),
    install: (folder) => [
      [
        'cargo',
        'build',
        '--quiet',
        '--locked',
        '--manifest-path',
        join(SOURCES, 'rust', 'Cargo.toml'),
        '--target-dir',
        folder,
      ],
    ],
  },
}

/** Gets what is not there yet. Prints a line for each runtime that it has to get, and one for each that it cannot. */
export function prepareHosts(): HostRuntime[] {
  return HOSTS.map((host) => {
    const found = runtimeOf(host)
    const runtime = !found.ready && found.reachable && host !== 'browser' ? get(host) : found
    if (!runtime.ready) console.log(`the ${host} host will not be tested: ${runtime.reason}`)
    return runtime
  })
}

/** What is there of a host's runtime now; gets nothing. */
export function runtimeOf(host: Host): HostRuntime {
  const not = (reason: string, reachable: boolean): HostRuntime => ({ host, ready: false, reason, reachable })
  if (host === 'browser')
    return chromium()
      ? ready(host)
      : not('Chromium is not on this machine; install it or name it in CHROMIUM_PATH', false)
  const missing = recipes[host].tools.find((tool) => !onPath(tool))
  if (missing) return not(`${missing} is not on this machine`, false)
  const marker = join(folderOf(host), 'ready')
  const pinned = existsSync(marker) && readFileSync(marker, 'utf8') === recipes[host].pins()
  return pinned ? ready(host) : not('its runtime is not in the cache; `npx tsx scripts/host-runtimes.ts` gets it', true)
}

/** The program and arguments that run a host; the module and the golden vectors follow. Its runtime must be ready. */
export function hostCommand(host: Exclude<Host, 'browser'>): string[] {
  const folder = folderOf(host)
  switch (host) {
    case 'deno':
      return [
        npmBinary(folder, '@deno', 'deno'),
        'run',
        '--no-config',
        '--no-lock',
        '--allow-read',
        join(SOURCES, 'deno', 'main.ts'),
      ]
    case 'bun':
      return [npmBinary(folder, '@oven', join('bin', 'bun')), join(SOURCES, 'bun', 'main.ts')]
    case 'python':
      return [pythonIn(folder), join(SOURCES, 'python', 'main.py')]
    case 'go':
      return ['go', 'run', '-C', join(SOURCES, 'go'), '.']
    case 'rust':
      return [
        'cargo',
        'run',
        '--quiet',
        '--locked',
        '--offline',
        '--manifest-path',
        join(SOURCES, 'rust', 'Cargo.toml'),
        '--target-dir',
        folder,
        '--',
      ]
  }
}

/** Chromium's executable, if there is one. */
export function chromium(): string | undefined {
  const named = process.env.CHROMIUM_PATH
  return named && existsSync(named)
    ? named
    : ['chromium', 'chromium-browser', 'google-chrome'].map(onPath).find(Boolean)
}

function get(host: Exclude<Host, 'browser'>): HostRuntime {
  const folder = folderOf(host)
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  console.log(`getting what the ${host} host needs`)
  for (const [program, ...args] of recipes[host].install(folder)) {
    const { status, stdout, stderr, error } = spawnSync(program, args, {
      encoding: 'utf8',
      shell: WINDOWS && program === 'npm',
      timeout: LIMIT_MS,
    })
    if (status === 0) continue
    const output = error ? error.message : `${stdout}${stderr}`.trim()
    const reason = `${program} failed: ${output.replace(/\s+/g, ' ').slice(0, 300)}`
    return { host, ready: false, reason, reachable: !UNREACHABLE.test(output) }
  }
  writeFileSync(join(folder, 'ready'), recipes[host].pins())
  return ready(host)
}

function ready(host: Host): HostRuntime {
  return { host, ready: true, reason: '', reachable: true }
}

function folderOf(host: Host): string {
  return join(cacheFolder(), 'hosts', host)
}

/** Install scripts stay off: the platform's own package, an optional dependency, holds the binary. */
function fromNpm(folder: string, name: string): string[] {
  return [
    'npm',
    'install',
    '--prefix',
    folder,
    '--no-save',
    '--no-audit',
    '--no-fund',
    '--ignore-scripts',
    '--loglevel=error',
    name,
  ]
}

function npmBinary(folder: string, scope: string, path: string): string {
  const packages = join(folder, 'node_modules', scope)
  const files = readdirSync(packages).map((name) => join(packages, name, WINDOWS ? `${path}.exe` : path))
  const file = files.find((candidate) => existsSync(candidate))
  if (!file) throw new Error(`no ${path} below ${packages}: delete ${folder} and run scripts/host-runtimes.ts again`)
  return file
}

function pythonIn(folder: string): string {
  return WINDOWS ? join(folder, 'Scripts', 'python.exe') : join(folder, 'bin', 'python')
}

/** The program's path, if it is on the PATH. */
function onPath(program: string): string | undefined {
  const endings = WINDOWS ? ['.exe', '.cmd'] : ['']
  const files = (process.env.PATH ?? '')
    .split(delimiter)
    .flatMap((folder) => endings.map((ending) => join(folder, program + ending)))
  return files.find((file) => {
    try {
      accessSync(file, constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  process.exitCode = prepareHosts().every((host) => host.ready) ? 0 : 1
