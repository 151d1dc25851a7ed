/**
 * `npm test` runs its suites compiled, as users run the build: what makes TypeScript loadable takes each process longer
 * than loading the project does. Below `.cache/compiled` lie `test/`, `scripts/`, `bench/` and `examples/` file by
 * file, beside links to what `npm run build` made of the sources, so that relative imports hold as they are written.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { transformSync } from 'esbuild'

const OURS = ['test', 'scripts', 'bench', 'examples']
const BUILT = ['src', 'plugins', 'adapters']
const AS_THEY_ARE = ['playground', 'models']
const COMPILED = join('.cache', 'compiled')

/** Where `compileSuites` put what it made of `file`. */
export function compiled(file: string, into = COMPILED): string {
  return join(into, file.replace(/\.ts$/, '.js'))
}

/** Compiles anew all that tests import, except the sources, which are those in `dist/`. */
export function compileSuites(into = COMPILED): void {
  rmSync(into, { recursive: true, force: true })
  mkdirSync(into, { recursive: true })
  for (const folder of BUILT) symlinkSync(resolve('dist', folder), join(into, folder), 'junction')
  for (const folder of AS_THEY_ARE) symlinkSync(resolve(folder), join(into, folder), 'junction')
  for (const file of OURS.flatMap(modulesBelow)) {
    mkdirSync(dirname(join(into, file)), { recursive: true })
    writeFileSync(compiled(file, into), file.endsWith('.json') ? readFileSync(file) : asScript(file))
  }
}

/** Code is asked where it lies for the sake of what lies beside it: for that it is where it was written. */
function asScript(file: string): string {
  const path = resolve(file)
  const { code } = transformSync(readFileSync(file, 'utf8'), {
    loader: 'ts',
    format: 'esm',
    target: 'node20.19',
    sourcefile: path,
    sourcemap: 'inline',
    define: {
      'import.meta.url': JSON.stringify(pathToFileURL(path).href),
      'import.meta.dirname': JSON.stringify(dirname(path)),
    },
  })
  return code
}

function modulesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => /\.(?:ts|json)$/.test(path) && !path.includes('node_modules'))
    .map((path) => join(folder, path))
}
