/** Folders that last as long as the test process. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export function tempFolder(): string {
  const dir = mkdtempSync(join(tmpdir(), 'sequoia-test-'))
  process.on('exit', () => rmSync(dir, { recursive: true, force: true }))
  return dir
}
