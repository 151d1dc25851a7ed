/**
 * `npm run bench -- offload [small] [big] [passes] [--python=PATH] [--json FILE]`: models larger than the memory they
 * may use, under a limit that holds for the page cache too: our engine streaming, plainly and with trees, against
 * node-llama-cpp and Accelerate. `small`: SmolLM2-135M in 120 MB, real acceptance. `big`: a 7B shape with generated
 * weights in 2 GB, acceptance replayed; its files take 14 GB of the cache folder, and 13.5 GB more with Accelerate.
 * `passes`: t(n) of that shape up to 512 rows.
 */
import { existsSync } from 'node:fs'
import { big } from './offload/big.js'
import { MemoryGroup } from './offload/memory-group.js'
import { passes } from './offload/passes.js'
import { small } from './offload/small.js'
import { optionOf } from './option.js'

export const name = 'offload'
export const describe =
  'models larger than memory: streamed plainly and with trees, against node-llama-cpp and Accelerate under the ' +
  'same limit'

const PARTS = { small, big, passes }

/** `args`: parts to run (default: all); `--python=PATH`: a Python that has transformers and accelerate. */
export async function run(args: readonly string[]): Promise<object> {
  const python = optionOf(args, 'python')
  if (python !== undefined && !existsSync(python)) throw new Error(`--python=${python}: there is no such file`)
  if (python === undefined)
    console.log(
      'Accelerate is left out: give --python=PATH of a Python with what bench/peers/requirements.txt lists to ' +
        'have it beside',
    )
  const group = MemoryGroup.create()
  const limit =
    group instanceof MemoryGroup
      ? `a cgroup (version ${group.version}) limits each process with its page cache to what it takes idle and the ` +
        'budget'
      : `no limit is set: ${group.reason}; peak RSS tells what was taken`
  if (group instanceof MemoryGroup) await group.remove()
  console.log(`${limit}. Our engine reads past the page cache; model files are thrown out of it before each run.`)
  const results: Record<string, object> = {}
  for (const [part, measure] of Object.entries(PARTS))
    if (args.includes(part) || !Object.keys(PARTS).some((each) => args.includes(each)))
      results[part] = await measure(python)
  return { limit, ...results }
}
