/**
 * `npm run docs:api`: writes docs/api.md, every symbol that the package's entry points export and the types that these
 * speak of, with their doc comments as the sources have them.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { readDeclarations, type Declaration, type SourceFile } from './declarations.js'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/** Gives a source file's text by its path below the package's folder. */
type Read = (file: string) => string

/** A declaration and the file that has it. */
export interface PublicSymbol extends Declaration {
  file: string
  /** Name under which it is exported. */
  exportedAs: string
}

export interface EntryPoint {
  /** What is written after `from`. */
  specifier: string
  /** First comment of its file. */
  header: string
  symbols: PublicSymbol[]
  /** Types that the symbols speak of and that no entry point exports; not classes, which only the engine makes. */
  others: PublicSymbol[]
}

/** The entry points in the order of package.json; what two export is told at the first. */
export function entryPoints(read: Read): EntryPoint[] {
  const { name, exports } = JSON.parse(read('package.json')) as { name: string; exports: Record<string, unknown> }
  const files = sourceFiles(read)
  const entries = Object.entries(exports).flatMap(([path, target]) => {
    const types = (target as { types?: string }).types
    if (types === undefined) return []
    const file = types.replace('./dist/', '').replace(/\.d\.ts$/, '.ts')
    const symbols = [...publicSymbols(files, file).values()]
    return [{ specifier: posix.join(name, path), header: files(file).header, symbols }]
  })
  const told = new Set<string>()
  const exported = new Set(entries.flatMap(({ symbols }) => symbols.map(keyOf)))
  return entries.map(({ symbols, ...entry }) => {
    const others: PublicSymbol[] = []
    const waiting = [...symbols]
    for (let symbol = waiting.shift(); symbol !== undefined; symbol = waiting.shift())
      for (const name of symbol.refers) {
        const other = lookUp(files, symbol.file, name)
        if (!other || other.isClass || exported.has(keyOf(other)) || told.has(keyOf(other))) continue
        told.add(keyOf(other))
        others.push(other)
        waiting.push(other)
      }
    const fresh = symbols.filter((symbol) => !told.has(keyOf(symbol)))
    for (const symbol of fresh) told.add(keyOf(symbol))
    return { ...entry, symbols: fresh, others }
  })
}

const keyOf = ({ file, name }: PublicSymbol): string => `${file} ${name}`

function sourceFiles(read: Read): (file: string) => SourceFile {
  const known = new Map<string, SourceFile>()
  return (file) => {
    const found = known.get(file) ?? readDeclarations(read(file), file)
    known.set(file, found)
    return found
  }
}

/** All that a file exports, by exported name. Throws for a name that leads nowhere. */
function publicSymbols(files: (file: string) => SourceFile, file: string): Map<string, PublicSymbol> {
  const all = new Map<string, PublicSymbol>()
  for (const one of files(file).exports) {
    if (one.kind === 'all') {
      for (const [name, symbol] of publicSymbols(files, resolved(file, one.from))) all.set(name, symbol)
      continue
    }
    const name = one.kind === 'local' ? one.name : one.as
    const symbol = one.kind === 'local' ? lookUp(files, file, one.local) : exportOf(files, file, one)
    if (!symbol) throw new Error(`${file} exports ${name}, which is declared nowhere`)
    all.set(name, { ...symbol, exportedAs: name })
  }
  return all
}

/** What `name` means in a file: declared there or imported from another; null where it is not the package's own. */
function lookUp(files: (file: string) => SourceFile, file: string, name: string): PublicSymbol | null {
  const { declarations, imports } = files(file)
  const declaration = declarations.get(name)
  if (declaration) return { ...declaration, file, exportedAs: name }
  const origin = imports.get(name)
  return origin ? exportOf(files, file, origin) : null
}

function exportOf(
  files: (file: string) => SourceFile,
  file: string,
  { from, name }: { from: string; name: string },
): PublicSymbol | null {
  return from.startsWith('.') ? (publicSymbols(files, resolved(file, from)).get(name) ?? null) : null
}

const resolved = (file: string, from: string): string => posix.join(posix.dirname(file), from.replace(/\.js$/, '.ts'))

/** Markdown of the whole reference. */
export function apiReference(read: Read): string {
  const entries = entryPoints(read).map(({ specifier, header, symbols, others }) => {
    const rest = others.length > 0 ? `### Types that these speak of\n\n${others.map(section).join('\n')}` : ''
    return `## ${specifier}\n\n${header}\n\n${symbols.map(section).join('\n')}\n${rest}`.trimEnd()
  })
  const intro =
    'Written from the sources by `npm run docs:api`: what each entry point exports, and the types that these ' +
    'speak of. ' +
    'What two entry points export is told at the first.'
  return `# API reference\n\n${intro}\n\n${entries.join('\n\n')}\n`
}

function section({ exportedAs, comment, code }: PublicSymbol): string {
  return `### ${exportedAs}\n${comment && `\n${comment}\n`}\n\`\`\`ts\n${code}\n\`\`\`\n`
}

/** Text of a file by its path below the package's folder. */
export const readSource: Read = (file) => readFileSync(join(ROOT, file), 'utf8')

if (import.meta.url === pathToFileURL(process.argv[1]).href)
  writeFileSync(join(ROOT, 'docs', 'api.md'), apiReference(readSource))
