/** Versions of packages as they are installed. */
import { createRequire } from 'node:module'

/** Of a package that this one depends on, or of this one. */
export function packageVersion(name: string): string {
  const require = createRequire(import.meta.url)
  return (require(`${name}/package.json`) as { version: string }).version
}
