/** `sequoia models`: what the cache folder holds. */
import { cacheContents, type CachedImport, type CachedSource } from '../import/cache-contents.js'
import { usualCacheFolder } from '../import/storage.js'
import { sizeText } from '../open/budget/size-text.js'
import type { Command } from './command.js'
import { parse, toggle } from './flags.js'
import { textTable } from './text-table.js'

const flags = { json: toggle('print one JSON object: cacheDir, sources, imports (docs/models.md)') }

export const models: Command = {
  name: 'models',
  summary: 'list pulled and imported models, with size and last use',
  usage: 'models [--json]',
  flags,
  async run(argv) {
    const { values } = parse(flags, argv, null)
    const cacheDir = usualCacheFolder()
    const { sources, imports } = await cacheContents(cacheDir)
    console.log(values.json ? JSON.stringify({ cacheDir, sources, imports }) : told(cacheDir, sources, imports))
    return 0
  },
}

function told(cacheDir: string, sources: CachedSource[], imports: CachedImport[]): string {
  const total = [...sources, ...imports].reduce((sum, { bytes }) => sum + bytes, 0)
  const rows = [
    ...sources.map(({ name, bytes }) => ['pulled', name, '', sizeText(bytes), '']),
    ...imports.map(({ name, format, bytes, usedAt, isCurrent }) => [
      'imported',
      name,
      format,
      sizeText(bytes),
      `used ${usedAt.toISOString().slice(0, 10)}${isCurrent ? '' : ', outdated'}`,
    ]),
  ]
  const lines = textTable(rows, () => false)
  const old = imports.filter(({ isCurrent }) => !isCurrent)
  const oldBytes = old.reduce((sum, { bytes }) => sum + bytes, 0)
  const hint = old.length === 0 ? '' : `; ${sizeText(oldBytes)} outdated: sequoia rm --outdated`
  return [...lines, `${sizeText(total)} in ${cacheDir}${hint}`].join('\n')
}
