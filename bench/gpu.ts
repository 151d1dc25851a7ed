/**
 * `npm run bench -- gpu [PART ...] [tiny] [--out=FILE] [--cache=DIR] [--python=PATH] [--seconds=N]`: all that is to be
 * known of a GPU, in under ten minutes and without a network (`bench/README.md`). `tiny`: small shapes over a stand-in
 * for the device, on any machine. `--list [--with=PATH ...]`: what has to be carried to a machine for it, with sizes;
 * `--pieces SIZE FOLDER` writes that in pieces of at most so many bytes.
 */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { cacheFolder } from '../src/common/cache-folder.js'
import { memorySize } from '../src/open/budget/size-text.js'
import { carried, listText, writePieces } from './gpu/carry.js'
import { openKit, type KitOptions } from './gpu/kit.js'
import { PARTS } from './gpu/parts.js'
import { Results } from './gpu/results.js'
import { optionOf } from './option.js'

export const name = 'gpu'
export const describe =
  'models on a GPU: equality, 7B, 13B and 33B shapes plainly and with trees, t(n), batches, offloading, beside vLLM'

/** No part is begun after so many seconds, and none goes on for longer. */
const SECONDS = 570

export async function run(args: readonly string[]): Promise<object> {
  if (args.includes('--list') || args.includes('--pieces')) return carry(args)
  const seconds = Number(optionOf(args, 'seconds') ?? SECONDS)
  const results = new Results(optionOf(args, 'out') ?? 'bench-gpu.json')
  const options: KitOptions = {
    isTiny: args.includes('tiny'),
    cacheDir: optionOf(args, 'cache') ?? cacheFolder(),
    python: optionOf(args, 'python') ?? 'python3',
  }
  const record = (name: string, value: unknown): void => {
    results.record(name, value)
    console.log(`${name}: ${JSON.stringify(value)}`)
  }
  const isApart = !options.isTiny || args.includes('--apart')
  const started = performance.now()
  const leftMs = (): number => 1000 * seconds - (performance.now() - started)
  for (const part of partsOf(args)) {
    if (leftMs() <= 0) record(`${part}, left out`, `${seconds} seconds were over`)
    else if (isApart) await apart(part, options, leftMs(), record)
    else await PARTS[part](openKit(options, record))
  }
  return { ...results.values }
}

function partsOf(args: readonly string[]): string[] {
  const given = args.filter((arg) => !arg.startsWith('--') && arg !== 'tiny')
  const unknown = given.find((part) => !PARTS[part])
  if (unknown !== undefined)
    throw new Error(`there is no part "${unknown}"; there are ${Object.keys(PARTS).join(', ')}`)
  return given.length === 0 ? Object.keys(PARTS) : given
}

type Result = { name: string; value: unknown }

/** In a process of its own, which is ended when time is over. */
async function apart(
  part: string,
  options: KitOptions,
  leftMs: number,
  record: (name: string, value: unknown) => void,
): Promise<void> {
  const child = fork(new URL('./gpu/child.ts', import.meta.url), [part, JSON.stringify(options)])
  child.on('message', ({ name: called, value }: Result) => record(called, value))
  const timer = setTimeout(() => child.kill('SIGKILL'), leftMs)
  const [code, signal] = (await once(child, 'exit')) as [number | null, string | null]
  clearTimeout(timer)
  if (code !== 0) record(`${part}, ended early`, signal ?? code)
}

async function carry(args: readonly string[]): Promise<object> {
  const items = carried(args.filter((arg) => arg.startsWith('--with=')).map((arg) => arg.slice('--with='.length)))
  console.log(listText(items))
  const at = args.indexOf('--pieces')
  if (at < 0) return {}
  const [size, folder] = args.slice(at + 1)
  if (folder === undefined) throw new Error('--pieces takes a size and a folder: --pieces 60MB FOLDER')
  const pieces = await writePieces(items, memorySize('--pieces', size), folder)
  console.log(`${pieces.length} pieces are in ${folder}; there: sh unpack.sh`)
  return { pieces }
}
