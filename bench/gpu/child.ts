/** One part in a process of its own, whose end gives the GPU's memory back: `PART OPTIONS`; results are messages. */
import { openKit, type KitOptions } from './kit.js'
import { PARTS } from './parts.js'

const [, , part, options] = process.argv
const kit = openKit(JSON.parse(options) as KitOptions, (name, value) => process.send!({ name, value }))
try {
  await PARTS[part](kit)
} catch (error) {
  process.send!({ name: `${part}, failed`, value: error instanceof Error ? error.message : String(error) })
}
process.disconnect()
