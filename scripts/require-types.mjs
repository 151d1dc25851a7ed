/**
 * Types for `require`: beside each `.d.ts` that an entry point reaches, the same as `.d.cts`. TypeScript under
 * `module: node16` takes a `.d.ts` of this package for an ES module, which CommonJS may not require. Node itself may.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

const { exports } = JSON.parse(readFileSync('package.json', 'utf8'))
const entries = Object.values(exports).flatMap((entry) => entry.types ?? [])
const waiting = entries.map((path) => join(path))
const seen = new Set(waiting)
for (const file of waiting) {
  const text = readFileSync(file, 'utf8').replace(
    /((?:from|import)\s*\(?\s*(['"]))(\.{1,2}\/[^'"]+)\.js\2/g,
    (_, before, quote, path) => {
      const next = join(dirname(file), `${path}.d.ts`)
      if (!existsSync(next)) throw new Error(`${file} names ${path}.js, whose types are not there`)
      if (!seen.has(next)) waiting.push(next)
      seen.add(next)
      return `${before}${path}.cjs${quote}`
    },
  )
  // Other packages' types are asked for as they are in the `.d.ts`, since some have none for `require`.
  const asWritten = text.replace(
    /import\((['"])([^.'"][^'"]*)\1\)/g,
    "import('$2', { with: { 'resolution-mode': 'import' } })",
  )
  writeFileSync(file.replace(/\.ts$/, '.cts'), asWritten.replace(/\n\/\/# sourceMappingURL=.*/, ''))
}
