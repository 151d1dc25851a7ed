/** `sequoia rm`: removes a model from the cache folder, what was pulled and what was imported. */
import { cacheContents, named, removeCached } from '../import/cache-contents.js'
import { usualCacheFolder } from '../import/storage.js'
import { sizeText } from '../open/budget/size-text.js'
import { InvalidArgumentError } from '../spec/errors.js'
import type { Command } from './command.js'
import { parse, toggle } from './flags.js'

const flags = { json: toggle('print one JSON object: removed, a list of path and bytes') }

export const rm: Command = {
  name: 'rm',
  summary: 'remove a pulled or imported model from the cache',
  usage: 'rm NAME [--json]',
  flags,
  async run(argv) {
    const { values, operand } = parse(flags, argv, 'the name of a model')
    const all = await cacheContents(usualCacheFolder())
    const meant = named(all, operand)
    const entries = [...meant.sources, ...meant.imports]
    if (entries.length === 0) {
      const names = new Set([...all.sources, ...all.imports].map(({ name }) => name))
      throw new InvalidArgumentError(
        'NAME',
        `nothing in the cache is called ${JSON.stringify(operand)}; it has ${[...names].join(', ') || 'no models'}`,
      )
    }
    await removeCached(meant)
    const removed = entries.map(({ path, bytes }) => ({ path, bytes }))
    console.log(
      values.json
        ? JSON.stringify({ removed })
        : removed.map(({ path, bytes }) => `removed ${path} (${sizeText(bytes)})`).join('\n'),
    )
    return 0
  },
}
