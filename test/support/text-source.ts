/** The text side of a model that is imported, without the model: a folder with a byte-level tokenizer. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TextSource } from '../../src/text/open-text.js'
import { alphabet } from './tiny-llama.js'
import { tempFolder } from './temp-folder.js'

const TOKENIZER = {
  added_tokens: [],
  normalizer: null,
  pre_tokenizer: { type: 'ByteLevel', add_prefix_space: false, use_regex: true },
  post_processor: null,
  decoder: { type: 'ByteLevel' },
  model: { type: 'BPE', vocab: Object.fromEntries(alphabet().map((letter, byte) => [letter, byte])), merges: [] },
}
/** `ROLE:CONTENT;` for every turn, and the tools as JSON before them; refuses the role `nobody`. */
const TEMPLATE =
  '{% if tools %}{{ tools | tojson }}{% endif %}' +
  "{% for m in messages %}{% if m.role == 'nobody' %}{{ raise_exception('nobody may not speak') }}{% endif %}" +
  "{{ m.role + ':' + m.content + ';' }}{% endfor %}"

/** Every byte is a token. */
export function textSource(): TextSource {
  const dir = tempFolder()
  writeFileSync(join(dir, 'tokenizer.json'), JSON.stringify({ tokenizer: TOKENIZER, config: {} }))
  const files = { graph: '', single: '', weights: [], tokenizer: 'tokenizer.json' }
  return { dir, manifest: { files, chatTemplate: TEMPLATE }, toolPrompt: 'generic', templateInput: {} }
}
