/**
 * Finds the command, runs it, and words what goes wrong. Exit codes: 0 done; 2 what was given cannot do (a flag, a
 * model file, a folder to write); 1 failed.
 */
import { packageVersion } from '../common/package-version.js'
import { InvalidArgumentError, SequoiaError, type SequoiaErrorCode } from '../spec/errors.js'
import type { Command } from './command.js'
import { helpOf } from './flags.js'
import { didYouMean } from '../common/nearest.js'
import { wrapped } from './wrapped.js'

/** Loaded on demand: help and mistakes need no ONNX Runtime. */
const commands: Readonly<Record<string, () => Promise<Command>>> = {
  serve: async () => (await import('./serve.js')).serve,
  chat: async () => (await import('./chat.js')).chat,
  generate: async () => (await import('./generate.js')).generate,
  pull: async () => (await import('./pull.js')).pull,
  models: async () => (await import('./models.js')).models,
  rm: async () => (await import('./rm.js')).rm,
  verify: async () => (await import('./verify.js')).verify,
  import: async () => (await import('./import.js')).importCommand,
  tune: async () => (await import('./tune.js')).tune,
  plan: async () => (await import('./plan.js')).plan,
  doctor: async () => (await import('./doctor.js')).doctor,
  gpu: async () => (await import('./gpu.js')).gpu,
  key: async () => (await import('./key.js')).key,
  worker: async () => (await import('./worker.js')).workerCommand,
  batch: async () => (await import('./batch.js')).batch,
}

/** Faults of what was given: another call would mend them. */
const GIVEN: ReadonlySet<SequoiaErrorCode> = new Set([
  'invalid_argument',
  'model_not_found',
  'model_invalid',
  'tokenizer_mismatch',
  'context_overflow',
  'unsupported',
  'storage_failed',
])

const VERSION = new Set(['version', '--version', '-v'])
const HELP = new Set(['help', '--help', '-h'])

export async function run(argv: readonly string[]): Promise<number> {
  const [name, ...rest] = argv
  if (name === undefined || HELP.has(name)) {
    console.log(await overview())
    return name === undefined ? 2 : 0
  }
  if (VERSION.has(name)) {
    console.log(versions())
    return 0
  }
  if (!Object.hasOwn(commands, name)) {
    const known = Object.keys(commands)
    const meant = didYouMean(name, known)
    complain(`sequoia: unknown command ${JSON.stringify(name)}${meant}; known are ${known.join(', ')}`)
    return 2
  }
  const command = await commands[name]()
  if (flagsOf(rest).some((arg) => arg === '--help' || arg === '-h')) {
    const { columns } = process.stdout
    const head = wrapped(`sequoia ${command.usage}\n${command.summary}`, columns)
    console.log(`${head}\n\n${helpOf(command.flags, columns)}`)
    return 0
  }
  try {
    return await command.run(rest)
  } catch (error) {
    const said = error instanceof SequoiaError ? error.message : error instanceof Error ? error.stack : String(error)
    complain(`sequoia ${name}: ${said}`)
    if (error instanceof InvalidArgumentError)
      complain(`Usage: sequoia ${command.usage} ("sequoia ${name} --help" lists the flags)`)
    return error instanceof SequoiaError && GIVEN.has(error.code) ? 2 : 1
  }
}

function complain(sentence: string): void {
  console.error(wrapped(sentence, process.stderr.columns))
}

/** What follows `--` is no flag, whatever it looks like. */
function flagsOf(argv: readonly string[]): readonly string[] {
  const end = argv.indexOf('--')
  return end < 0 ? argv : argv.slice(0, end)
}

/** This package's version, and of what it stands on. */
function versions(): string {
  const [own, ort] = ['sequoia-onnx', 'onnxruntime-node'].map(packageVersion)
  return `sequoia-onnx ${own} (ONNX Runtime ${ort}, Node ${process.versions.node})`
}

async function overview(): Promise<string> {
  const lines: string[] = []
  for (const load of Object.values(commands)) {
    const { name, summary } = await load()
    lines.push(wrapped(`  ${name.padEnd(10)}${summary}`, process.stdout.columns, 12))
  }
  const more = `"sequoia COMMAND --help" lists a command's flags; "sequoia --version" says what this is.`
  return `sequoia COMMAND [flags]\n\n${lines.join('\n')}\n\n${wrapped(more, process.stdout.columns)}`
}
