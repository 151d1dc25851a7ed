/** What kind each token of a GGUF vocabulary is, also where the file does not say. */
import type { Metadata } from '../../checkpoint/gguf/metadata.js'
import { ModelError } from '../../spec/errors.js'

/** Values of `tokenizer.ggml.token_type`. */
export const NORMAL = 1
export const UNKNOWN = 2
export const CONTROL = 3
export const USER_DEFINED = 4
export const UNUSED = 5
export const BYTE = 6

const KEY = 'tokenizer.ggml.token_type'
const ROLES = ['bos', 'eos', 'eot', 'eom', 'unknown', 'padding', 'seperator', 'cls', 'mask'].map(
  (role) => `tokenizer.ggml.${role}_token_id`,
)

/**
 * Spellings of control tokens: `<|im_end|>` and its like (also with full-width bars), `<s>`, `<start_of_turn>`,
 * `<unused12>`, `<fim_prefix>`, `[INST]`.
 */
const CONTROL_SPELLING = new RegExp(
  String.raw`^(?:<[|｜][^\s<>]+[|｜]>` +
    String.raw`|</?(?:s|unk|pad|bos|eos|cls|sep|mask|start_of_turn|end_of_turn|start_of_image|end_of_image)>` +
    String.raw`|<(?:unused|reserved|fim|repo|file)_?\w*>` +
    String.raw`|\[/?(?:INST|SYSTEM_PROMPT|AVAILABLE_TOOLS|TOOL_RESULTS|TOOL_CALLS|TOOL_CONTENT|ARGS|CALL_ID|IMG` +
    String.raw`|IMG_BREAK|IMG_END|PREFIX|MIDDLE|SUFFIX|THINK)\])$`,
)
const BYTE_SPELLING = /^<0x[0-9A-F]{2}>$/

/**
 * The file's token types, [tokens]; where it has none, control tokens are those with a role and those spelled like one.
 * Throws `ModelError` where the file's list has another length, or where it has none and no token can be told to end a
 * text: such a model would never stop, and would say its own marks.
 */
export function tokenTypes(metadata: Metadata, tokens: readonly string[]): number[] {
  const { path } = metadata
  if (metadata.has(KEY)) {
    const kinds = metadata.numbers(KEY)
    if (kinds.length === tokens.length) return kinds
    throw new ModelError(
      'model_invalid',
      path,
      `${path} lists ${tokens.length} tokens but ${kinds.length} token types; download it again`,
    )
  }
  const named = new Set(ROLES.filter((key) => metadata.has(key)).map((key) => metadata.number(key)))
  const kinds = tokens.map((spelling, id) =>
    named.has(id) || CONTROL_SPELLING.test(spelling) ? CONTROL : BYTE_SPELLING.test(spelling) ? BYTE : NORMAL,
  )
  if (kinds.includes(CONTROL)) return kinds
  throw new ModelError(
    'model_invalid',
    path,
    `${path} has no ${KEY} and no token that is known to control; convert the model again with a converter that ` +
      'writes token types',
  )
}
