/**
 * `sequoia pull`: gets a known model ahead of time, and the draft that it is decoded with: downloads, checks and
 * imports them into the cache folder.
 */
import { chosenFormat } from '../open/chosen-format.js'
import { openModels } from '../open/open-models.js'
import { AUTO, checkOptions } from '../open/check-options.js'
import { pull as pullSource } from '../import/pull/index.js'
import { formats } from '../formats/index.js'
import type { Command } from './command.js'
import { showingProgress } from './progress-bars.js'
import { oneOf, parse } from './flags.js'

const flags = {
  format: oneOf([AUTO, ...formats.keys()], `form to import it into (default ${AUTO}: as it is opened here)`),
}

export const pull: Command = {
  name: 'pull',
  summary: 'download and import a known model and its draft, or one of the hub',
  usage: 'pull NAME|hf.co/ORG/REPO[:FILE or quantization] [flags]',
  flags,
  async run(argv) {
    const { values, operand } = parse(flags, argv, 'the name of a model')
    const { model, draftModel } = await showingProgress(async (onProgress) => {
      const options = checkOptions({ target: operand, format: values.format, onProgress })
      await pullSource(operand, options)
      return openModels({ ...options, format: (await chosenFormat(options)).format })
    })
    for (const { dir, manifest } of draftModel ? [model, draftModel] : [model])
      console.log(`${manifest.name} (${manifest.format}) is ready in ${dir}`)
    return 0
  },
}
