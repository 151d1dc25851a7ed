/** Programs of ours that tests run in processes of their own. */
import { fileURLToPath } from 'node:url'

/**
 * What Node is told in order to run the module `url` (`import.meta.resolve('./name.js')`): the file alone where the
 * tests run compiled, its TypeScript and the loader for it where they run from the sources.
 */
export function nodeArgs(url: string): string[] {
  const file = fileURLToPath(url)
  return file.endsWith('.ts') ? ['--import', 'tsx', file] : [file]
}
