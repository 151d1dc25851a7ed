/** `sequoia pull`: gets a known model ahead of time: downloads, checks and imports it into the cache folder. */
import { cacheFolder } from '../model/cache.js'
import { ensureImported } from '../model/import/index.js'
import { pull as pullSource } from '../model/pull/index.js'
import type { Command } from './command.js'
import { oneOf, parse } from './flags.js'

const flags = { format: oneOf(['fp32', 'w8a8'], 'form to import it into (default w8a8)') }

export const pull: Command = {
  name: 'pull',
  summary: 'download and import a known model',
  usage: 'pull NAME [flags]',
  flags,
  async run(argv) {
    const { values, operand } = parse(flags, argv, 'the name of a model')
    const options = { cacheDir: cacheFolder(), format: values.format ?? ('w8a8' as const), onProgress: (line: string) => console.error(line) }
    const { dir, manifest } = await ensureImported(await pullSource(operand, options), options)
    console.log(`${manifest.name} (${manifest.format}) is ready in ${dir}`)
    return 0
  },
}
