/**
 * `npm run bench -- NAME [--json FILE]`: runs one benchmark and prints its results. A benchmark is a file
 * `bench/NAME.ts` that exports `name`, `describe` and `run(args)`; what `run` resolves with is written to FILE beside
 * its date, its command and the machine it ran on.
 */
import { readdirSync, writeFileSync } from 'node:fs'
import { arch, cpus, platform, totalmem } from 'node:os'
import { parseArgs } from 'node:util'

interface Benchmark {
  name: string
  describe: string
  run(args: readonly string[]): Promise<unknown>
}

type Table = Record<string, unknown>[]

const files = readdirSync(new URL('.', import.meta.url))
  .filter((file) => file.endsWith('.ts') && file !== 'run.ts')
  .sort()

async function main(argv: readonly string[]): Promise<number> {
  const { positionals, json } = read(argv)
  const [name, ...args] = positionals
  const found = files.includes(`${name}.ts`) ? await load(`${name}.ts`) : null
  if (!found) {
    console.error(
      name === undefined
        ? 'npm run bench -- NAME [--json FILE]; there are'
        : `there is no benchmark ${JSON.stringify(name)}; there are`,
    )
    for (const { name, describe } of await benchmarks()) console.error(`  ${name.padEnd(16)}${describe}`)
    return 2
  }
  const machine = {
    cpu: cpus()[0].model,
    cores: cpus().length,
    memoryBytes: totalmem(),
    platform: `${platform()} ${arch()}`,
    node: process.version,
  }
  console.log(
    `${found.name}: ${found.describe}\n${machine.cpu}, ${machine.cores} cores, ${machine.platform}, Node ` +
      `${machine.node}`,
  )
  const date = new Date().toISOString().slice(0, 10)
  const command = ['npm run bench --', found.name, ...args].join(' ')
  const started = performance.now()
  const results = await found.run(args)
  const seconds = (performance.now() - started) / 1000
  for (const { title, rows } of tables(found.name, results)) {
    console.log(`\n${title}`)
    console.table(rows.map(rounded))
  }
  if (json !== undefined)
    writeFileSync(
      json,
      `${JSON.stringify({ benchmark: found.name, date, command, machine, seconds, results }, null, 1)}\n`,
    )
  console.log(`${found.name} took ${seconds.toFixed(0)} s${json === undefined ? '' : `; results are in ${json}`}`)
  return 0
}

/** Splits off `--json FILE`; the rest is the benchmark's. */
function read(argv: readonly string[]): { positionals: string[]; json: string | undefined } {
  const at = argv.indexOf('--json')
  if (at < 0) return { positionals: [...argv], json: undefined }
  const { values } = parseArgs({ args: argv.slice(at, at + 2), options: { json: { type: 'string' } } })
  return { positionals: [...argv.slice(0, at), ...argv.slice(at + 2)], json: values.json }
}

async function benchmarks(): Promise<Benchmark[]> {
  const loaded = await Promise.all(files.map(load))
  return loaded.filter((module) => module !== null)
}

/** Null for a file that is no benchmark. Others are not loaded: where few packages are, they need not have theirs. */
async function load(file: string): Promise<Benchmark | null> {
  const module = (await import(new URL(file, import.meta.url).href)) as Partial<Benchmark>
  const isOne = typeof module.run === 'function' && module.name !== undefined && module.describe !== undefined
  return isOne ? (module as Benchmark) : null
}

/** Every list of objects in a result, with the path to it as title. */
function tables(title: string, value: unknown): { title: string; rows: Table }[] {
  if (typeof value !== 'object' || value === null) return []
  if (Array.isArray(value))
    return value.length > 0 && value.every((row) => typeof row === 'object' && row !== null)
      ? [{ title, rows: value as Table }]
      : []
  return Object.entries(value).flatMap(([key, inner]) => tables(`${title}, ${key}`, inner))
}

function rounded(row: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(row).map(([key, value]) => [key, typeof value === 'number' ? Number(value.toPrecision(4)) : value]),
  )
}

void main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code
  },
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : error)
    process.exitCode = 1
  },
)
