/** `sequoia key`: a new API key, and the line that lets it in. */
import { newKey } from './api-keys.js'
import type { Command } from './command.js'
import { parse } from './flags.js'

export const key: Command = {
  name: 'key',
  summary: 'make an API key for sequoia serve',
  usage: 'key NAME',
  flags: {},
  async run(argv) {
    const { operand: name } = parse({}, argv, 'NAME')
    const { key, hash } = newKey()
    console.log(
      `${key}\n\nThe key is shown this once. In the settings of sequoia serve:\n  "apiKeys": { ` +
        `${JSON.stringify(name)}: "${hash}" }`,
    )
    return 0
  },
}
