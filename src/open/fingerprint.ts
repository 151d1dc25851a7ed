/** What must agree for two engines to write the same text for a seed, as one short text. */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { cpus } from 'node:os'
import type { ModelManifest } from '../spec/manifest.js'

/** Extensions by which kernels of ONNX Runtime differ. */
const EXTENSIONS = ['avx2', 'avx512f', 'avx512_vnni', 'avx_vnni', 'amx_int8', 'asimddp', 'i8mm', 'sve'] as const

/**
 * 16 hexadecimal digits over the target's files, this package's and ONNX Runtime's version, and the processor's kind.
 */
export function fingerprintOf({ checks }: Pick<ModelManifest, 'checks'>): string {
  const require = createRequire(import.meta.url)
  const versionOf = (name: string): string => (require(`${name}/package.json`) as { version: string }).version
  const files = Object.entries(checks)
    .map(([name, { sha256 }]) => `${name} ${sha256}`)
    .sort()
  const versions = ['sequoia-onnx', 'onnxruntime-node'].map(versionOf)
  const facts = [...versions, process.platform, process.arch, ...instructionSet(), ...files]
  return createHash('sha256').update(facts.join('\n')).digest('hex').slice(0, 16)
}

/** The extensions that this processor has; where the system does not tell them, its name. */
function instructionSet(): string[] {
  try {
    const [, flags = ''] = /^(?:flags|Features)\s*:(.*)$/m.exec(readFileSync('/proc/cpuinfo', 'utf8')) ?? []
    const has = new Set(flags.trim().split(/\s+/))
    return EXTENSIONS.filter((name) => has.has(name))
  } catch {
    return [cpus()[0]?.model ?? '']
  }
}
