/** `sequoia models`: what the cache folder holds. */
import { cacheContents, type CacheContents } from '../import/cache-contents.js'
import { bytesOnce } from '../import/disk-bytes.js'
import { usualCacheFolder } from '../import/storage.js'
import { sizeText } from '../open/budget/size-text.js'
import type { Command } from './command.js'
import { parse, toggle } from './flags.js'
import { textTable } from './text-table.js'

const flags = { json: toggle('print one JSON object: cacheDir, sources, imports, unfinished (docs/models.md)') }

export const models: Command = {
  name: 'models',
  summary: 'list pulled and imported models, with size and last use',
  usage: 'models [--json]',
  flags,
  async run(argv) {
    const { values } = parse(flags, argv, null)
    const cacheDir = usualCacheFolder()
    const contents = await cacheContents(cacheDir)
    console.log(values.json ? JSON.stringify({ cacheDir, ...contents }) : await told(cacheDir, contents))
    return 0
  },
}

async function told(cacheDir: string, { sources, imports, unfinished }: CacheContents): Promise<string> {
  const total = await bytesOnce([...sources, ...imports, ...unfinished].map(({ path }) => path))
  const rows = [
    ...sources.map(({ name, bytes }) => ['pulled', name, '', sizeText(bytes), '']),
    ...imports.map(({ name, format, bytes, usedAt, isCurrent, isKnown, source }) => [
      'imported',
      name,
      format,
      sizeText(bytes),
      `used ${usedAt.toISOString().slice(0, 10)}${isCurrent ? '' : ', outdated'}${isKnown ? '' : `, of ${source}`}`,
    ]),
    ...unfinished.map(({ name, bytes }) => ['unfinished', name, '', sizeText(bytes), 'goes on with the next import']),
  ]
  const lines = textTable(rows, () => false)
  const old = [...imports.filter(({ isCurrent }) => !isCurrent), ...unfinished]
  const oldBytes = old.reduce((sum, { bytes }) => sum + bytes, 0)
  const hint = old.length === 0 ? '' : `; ${sizeText(oldBytes)} outdated or unfinished: sequoia rm --outdated`
  return [...lines, `${sizeText(total)} in ${cacheDir}${hint}`].join('\n')
}
