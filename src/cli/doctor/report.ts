/** Facts of a machine as text that can be pasted into a bug report: no line says who the user is. */
import { homedir } from 'node:os'
import { sizeText } from '../../open/budget/size-text.js'
import { wrapped } from '../wrapped.js'
import type { Facts } from './facts.js'

export function reportOf(facts: Facts, advice: readonly string[], home = homedir(), columns?: number): string {
  const rows = rowsOf(facts)
  const width = Math.max(...rows.map(([name]) => name.length)) + 2
  const lines = [
    ...rows.map(([name, value]) => wrapped(`${name.padEnd(width)}${value}`, columns, width)),
    '',
    ...(advice.length === 0 ? ['Nothing found that would make it faster.'] : ['What would help:']),
    ...advice.map((sentence) => wrapped(`- ${sentence}`, columns, 2)),
  ]
  // Paths below the home folder hold the user's name.
  return home.length > 1 ? lines.join('\n').replaceAll(home, '~') : lines.join('\n')
}

function rowsOf({
  versions,
  system,
  processor,
  memory,
  runtime,
  exact,
  fourBitFile,
  cache,
  gpu,
}: Facts): [string, string][] {
  const { cores, usable, threads, extensions, load } = processor
  const exactness = Object.entries(exact).map(([name, holds]) => `${name} ${holds ? 'yes' : 'no'}`)
  return [
    [
      'versions',
      Object.entries(versions)
        .map((pair) => pair.join(' '))
        .join(', '),
    ],
    ['system', [system.platform, system.arch, system.release, ...(system.libc ? [system.libc] : [])].join(' ')],
    ['processor', processor.model],
    ['cores', `${cores}, ${usable} usable, ${threads} threads a pass, load ${load.toFixed(1)}`],
    ['extensions', extensions.length > 0 ? extensions.join(' ') : 'not told by the system'],
    [
      'memory',
      `${sizeText(memory.free)} free of ${sizeText(memory.total)}` +
        (memory.limit === null ? '' : `, at most ${sizeText(memory.limit)} for this process`),
    ],
    ['runtime', `${runtime.kind ?? 'none'}, telemetry ${runtime.telemetryOff ? 'off' : 'on'}`],
    ['equal bits', exactness.length > 0 ? exactness.join(', ') : 'not known'],
    ['4-bit files', `large ones without a draft model open in ${fourBitFile}`],
    [
      'cache',
      cache.dir === null
        ? 'none'
        : `${cache.dir}: ${cache.pulled} pulled, ${cache.imported} imported, ${sizeText(cache.bytes)}; ` +
          `${sizeText(cache.free)} free; ${cache.timings} timings of passes`,
    ],
    [
      'GPU',
      `NVIDIA driver ${gpu.driver ? 'found' : 'not found'}, ` +
        `CUDA libraries ${gpu.cudaLibraries ? 'installed' : 'not installed'}`,
    ],
  ]
}
