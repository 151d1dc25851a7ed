/** The Rust library `tokenizers` by its Python package: what tokenizers are held against. */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { pythonWith } from './python.js'

const SCRIPT = fileURLToPath(new URL('../acceptance/reference_tokenizers.py', import.meta.url))
const PACKAGES = ['tokenizers==0.23.3', 'tiktoken==0.14.0']

/** The Python that `SEQUOIA_PYTHON` names, else one with the packages in it, made here; or why there is none. */
export function referencePython(): { program: string } | { reason: string } {
  const named = process.env.SEQUOIA_PYTHON
  if (!named) {
    const found = pythonWith(...PACKAGES)
    return 'bin' in found ? { program: join(found.bin, 'python') } : found
  }
  const { status, error, stderr } = spawnSync(named, ['-c', 'import tokenizers'], { encoding: 'utf8' })
  if (status === 0) return { program: named }
  const why = (error?.message ?? stderr).trim().split('\n').at(-1)
  return { reason: `SEQUOIA_PYTHON=${named} does not do (${why}); it needs: pip install ${PACKAGES.join(' ')}` }
}

/** Throws what Python says where it fails. `request` and answer as `reference_tokenizers.py` has them. */
export function askPython<T>(program: string, request: object): T {
  const { status, error, stdout, stderr } = spawnSync(program, [SCRIPT], {
    input: JSON.stringify(request),
    encoding: 'utf8',
    maxBuffer: 2 ** 30,
  })
  if (status !== 0) throw new Error(`${program} ${SCRIPT}: ${error?.message ?? stderr}`)
  return JSON.parse(stdout) as T
}
