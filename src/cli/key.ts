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
    // A flag has commas between keys, and a shell reads the rest.
    const flag = /^[\w.-]+$/.test(name) ? `  --api-keys ${name}=${hash}\n` : ''
    const setting = `  "apiKeys": { ${JSON.stringify(name)}: "${hash}" }`
    console.log(
      `${key}\n\nThe key is shown this once. This lets it in, as a flag of sequoia serve or in its settings:\n` +
        `${flag}${setting}`,
    )
    return 0
  },
}
