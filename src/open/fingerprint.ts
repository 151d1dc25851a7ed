/** What must agree for two engines to write the same text for a seed, as one short text. */
import { createHash } from 'node:crypto'
import { cpus } from 'node:os'
import { packageVersion } from '../common/package-version.js'
import { instructionSet } from '../runtime/instruction-set.js'
import type { ModelManifest } from '../spec/manifest.js'
import type { SamplingDefaults } from '../spec/sampling-defaults.js'

/**
 * 16 hexadecimal digits over the target's files, this package's and ONNX Runtime's version, the processor's kind, and
 * what holds where requests say nothing.
 */
export function fingerprintOf({ checks }: Pick<ModelManifest, 'checks'>, sampling: SamplingDefaults): string {
  const files = Object.entries(checks)
    .map(([name, { sha256 }]) => `${name} ${sha256}`)
    .sort()
  const versions = ['sequoia-onnx', 'onnxruntime-node'].map(packageVersion)
  const facts = [
    ...versions,
    process.platform,
    process.arch,
    ...(instructionSet() ?? [cpus()[0]?.model ?? '']),
    ...files,
    ...Object.entries(sampling).map((entry) => entry.join(' ')),
  ]
  return createHash('sha256').update(facts.join('\n')).digest('hex').slice(0, 16)
}
