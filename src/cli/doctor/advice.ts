/** What would make it faster, or work at all, by the facts of a machine: one sentence each, the worst first. */
import type { Facts } from './facts.js'

/** Below this, models of a few hundred million parameters fill the memory. */
const LITTLE_MEMORY = 1e9
/** An import of a model of a few hundred million parameters. */
const LITTLE_DISK = 2e9
/** Extensions that multiply 8-bit integers in one instruction; without them it takes three. */
const DOT_PRODUCTS = new Set(['avx512_vnni', 'avx_vnni', 'amx_int8', 'asimddp', 'i8mm'])

export function adviceFor({ system, processor, memory, runtime, exact, cache, gpu }: Facts): string[] {
  const said: string[] = []
  if (runtime.kind === null)
    said.push(
      `ONNX Runtime does not load: ${runtime.why ?? 'no reason was given'}` +
        (system.libc === 'musl' ? '. Its library is built for glibc: take a Debian image in place of Alpine.' : ''),
    )
  if (runtime.kind === 'portable')
    said.push(
      `The portable runtime copies K/V rows in every pass. The binding is quicker; in its way is: ${runtime.why}`,
    )
  if (cache.fault !== null)
    said.push(
      `The cache folder cannot be used (${cache.fault}): every start pulls, imports and times anew. ` +
        'XDG_CACHE_HOME names another.',
    )
  const inexact = Object.entries(exact).flatMap(([name, holds]) => (holds ? [] : [name]))
  if (inexact.length > 0)
    said.push(
      `In ${inexact.join(' and ')} this processor's bits depend on how tokens are batched: texts equal plain ` +
        'decoding up to ties, and there is no prefix cache unless prefixCacheBytes asks for one.',
    )
  if (processor.usable < processor.cores)
    said.push(
      `This process may use ${processor.usable} of ${processor.cores} cores (a container, taskset): ` +
        'more of them make passes faster.',
    )
  if (processor.load > processor.cores)
    said.push(
      `Other programs keep the processor busy (load ${processor.load.toFixed(1)} on ${processor.cores} cores): ` +
        'passes take longer, and times taken now mislead the planner. "sequoia tune" takes them anew in a quiet hour.',
    )
  if (processor.extensions.length > 0 && !processor.extensions.some((name) => DOT_PRODUCTS.has(name)))
    said.push('A processor with VNNI or AMX (x64), or with dot products (Arm), multiplies 8-bit weights faster.')
  const room = Math.min(memory.free, memory.limit ?? Infinity)
  if (room < LITTLE_MEMORY)
    said.push('Little memory is free: --memory 500MB keeps to a budget and reads what does not fit from disk.')
  if (cache.dir !== null && cache.free < LITTLE_DISK)
    said.push('Little disk is free where models are kept: "sequoia rm" makes room, XDG_CACHE_HOME names another place.')
  if (cache.outdated > 0)
    said.push(`${cache.outdated} imports are of another release and only take room: "sequoia models" lists them.`)
  if (cache.fault === null && cache.timings === 0)
    said.push(
      'No passes were timed here yet: the first open of a model does it, "sequoia tune" does it with more care.',
    )
  if (gpu.driver && !gpu.cudaLibraries)
    said.push(
      'There is an NVIDIA GPU, but ONNX Runtime has no CUDA libraries here: "sequoia gpu" says how to get them.',
    )
  return said
}
