/** Which of the extensions that ONNX Runtime's kernels differ by this processor has. */
import { readFileSync } from 'node:fs'

const EXTENSIONS = ['avx2', 'avx512f', 'avx512_vnni', 'avx_vnni', 'amx_int8', 'asimddp', 'i8mm', 'sve'] as const

/** In a fixed order; null where the system does not tell. `path`: the kernel's description of the processor. */
export function instructionSet(path = '/proc/cpuinfo'): string[] | null {
  try {
    const [, flags = ''] = /^(?:flags|Features)\s*:(.*)$/m.exec(readFileSync(path, 'utf8')) ?? []
    const has = new Set(flags.trim().split(/\s+/))
    return EXTENSIONS.filter((name) => has.has(name))
  } catch {
    return null
  }
}
