/** Folders that last as long as the test process. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const made: string[] = []
process.on('exit', () => made.forEach((dir) => rmSync(dir, { recursive: true, force: true })))

export function tempFolder(): string {
  const dir = mkdtempSync(join(tmpdir(), 'sequoia-test-'))
  made.push(dir)
  return dir
}
