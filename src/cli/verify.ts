/** `sequoia verify`: whether every byte in the cache folder is still what was pulled and imported. */
import { cacheContents, named } from '../import/cache-contents.js'
import { usualCacheFolder } from '../import/storage.js'
import { verifyCached, type Verified } from '../import/verify-cache.js'
import { InvalidArgumentError } from '../spec/errors.js'
import type { Command } from './command.js'
import { parse, toggle } from './flags.js'

const flags = { json: toggle('print one JSON object: checked, a list of path and fault (null: whole)') }

/** Exit code where something is damaged. */
const DAMAGED = 2

export const verify: Command = {
  name: 'verify',
  summary: 'read models in the cache whole and compare their hashes',
  usage: 'verify [NAME] [--json]',
  flags,
  async run(argv) {
    const { values, operand } = parse(flags, argv, 'NAME', { optional: true })
    const all = await cacheContents(usualCacheFolder())
    const meant = operand === '' ? all : named(all, operand)
    if (operand !== '' && meant.sources.length + meant.imports.length === 0)
      throw new InvalidArgumentError('NAME', `nothing in the cache is called ${JSON.stringify(operand)}`)
    const checked: Verified[] = []
    for await (const one of verifyCached(meant)) {
      checked.push(one)
      if (!values.json) console.log(one.fault === null ? `whole: ${one.path}` : `DAMAGED: ${one.fault}`)
    }
    if (values.json) console.log(JSON.stringify({ checked }))
    return checked.every(({ fault }) => fault === null) ? 0 : DAMAGED
  },
}
