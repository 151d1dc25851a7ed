/** What a run of the long suites is about: `npm run acceptance -- NAME --format=q4 --kv=f16 --model=NAME`. */
import { formatNamed, usualFormat, type FormatName } from '../../src/formats/index.js'
import type { KvFormat } from '../../src/spec/manifest.js'

/** Where the script leaves its arguments for suites, by their names. */
export const VARIABLES: Readonly<Record<string, string>> = {
  format: 'SEQUOIA_ACCEPTANCE_FORMAT',
  kv: 'SEQUOIA_ACCEPTANCE_KV',
  model: 'SEQUOIA_ACCEPTANCE_MODEL',
}

export const testedFormat: FormatName = formatNamed(process.env[VARIABLES.format] ?? usualFormat('cpu').name).name
/** Options check it. */
export const testedKv = (process.env[VARIABLES.kv] ?? 'f32') as KvFormat
