/** `sequoia rm`: removes a model from the cache folder, what was pulled and what was imported. */
import { cacheContents, named, outdated, removeCached } from '../import/cache-contents.js'
import { usualCacheFolder } from '../import/storage.js'
import { sizeText } from '../open/budget/size-text.js'
import { InvalidArgumentError } from '../spec/errors.js'
import type { Command } from './command.js'
import { parse, toggle } from './flags.js'

const flags = {
  outdated: toggle('in place of NAME: all imports that this release cannot open, and unfinished ones'),
  json: toggle('print one JSON object: removed, a list of path and bytes'),
}

export const rm: Command = {
  name: 'rm',
  summary: 'remove a pulled or imported model from the cache',
  usage: 'rm NAME | --outdated [--json]',
  flags,
  async run(argv) {
    const { values, operand } = parse(flags, argv, 'NAME', { optional: true })
    if ((operand === '') !== (values.outdated ?? false))
      throw new InvalidArgumentError('NAME', 'say what to remove: the name of a model, or --outdated')
    const all = await cacheContents(usualCacheFolder())
    const meant = values.outdated ? outdated(all) : named(all, operand)
    const entries = [...meant.sources, ...meant.imports, ...meant.unfinished]
    if (entries.length === 0 && !values.outdated) {
      const names = new Set([...all.sources, ...all.imports, ...all.unfinished].map(({ name }) => name))
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
        : removed.map(({ path, bytes }) => `removed ${path} (${sizeText(bytes)})`).join('\n') || 'nothing is outdated',
    )
    return 0
  },
}
