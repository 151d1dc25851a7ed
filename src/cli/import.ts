/** `sequoia import`: turns a GGUF file or a checkpoint folder into a tree-capable graph in the cache folder. */
import { stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { InvalidArgumentError } from '../spec/errors.js'
import { ensureImported } from '../import/index.js'
import { formats } from '../formats/index.js'
import { chosenFormat } from '../open/chosen-format.js'
import { AUTO, checkOptions } from '../open/check-options.js'
import type { Command } from './command.js'
import { showingProgress } from './progress-bars.js'
import { engineFlags } from './engine-flags.js'
import { oneOf, parse } from './flags.js'

const flags = {
  format: oneOf([AUTO, ...formats.keys()], `form to import it into (default ${AUTO}: as it is opened here)`),
  kv: engineFlags.kv,
}

export const importCommand: Command = {
  name: 'import',
  summary: 'import a .gguf file or a checkpoint folder',
  usage: 'import PATH [flags]',
  flags,
  async run(argv) {
    const { values, operand } = parse(flags, argv, 'the path of a .gguf file or checkpoint folder')
    const path = resolve(operand)
    await stat(path).catch(() => {
      throw new InvalidArgumentError(
        'PATH',
        `there is nothing at ${path}; give a .gguf file or a folder with config.json, tokenizer.json and *.safetensors`,
      )
    })
    const { dir, manifest } = await showingProgress(async (onProgress) => {
      const options = checkOptions({ target: path, format: values.format, kv: values.kv, onProgress })
      return ensureImported(path, { ...options, format: (await chosenFormat(options)).format })
    })
    console.log(`${manifest.name} (${manifest.format}) is ready in ${dir}`)
    return 0
  },
}
