/**
 * The patterns by which published tokenizers split text, one after another: each cuts the pieces that the one before
 * left. They are those of the models' `tokenizer.json` files, and of llama.cpp where a name stands for several.
 */

const GPT2 = String.raw`'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`
const CONTRACTIONS = "(?i:'s|'t|'re|'ve|'m|'ll|'d)"
const LINES = String.raw`\s*[\r\n]+|\s+(?!\S)|\s+`

/** Words, `digits`, signs and white space; the pattern that came with GPT-4. */
const gpt4 = (digits: string, contractions = `${CONTRACTIONS}|`): string =>
  String.raw`${contractions}[^\r\n\p{L}\p{N}]?\p{L}+|${digits}| ?[^\s\p{L}\p{N}]+[\r\n]*|${LINES}`

/** Words are cut where capitals begin. */
const cased = (digits: string, contractions: string): string => {
  const [upper, lower] = [String.raw`[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]`, String.raw`[\p{Ll}\p{Lm}\p{Lo}\p{M}]`]
  const before = String.raw`[^\r\n\p{L}\p{N}]?`
  return (
    `${before}${upper}*${lower}+${contractions}|${before}${upper}+${lower}*${contractions}|` +
    String.raw`${digits}| ?[^\s\p{L}\p{N}]+[\r\n/]*|${LINES}`
  )
}

/** Letters of scripts that have two cases. */
const CASED_LETTERS =
  String.raw`A-Za-zµÀ-ÖØ-öø-ƺƼ-ƿǄ-ʓʕ-ʯͰ-ͳͶͷͻ-ͽͿ\u0386\u0388-\u038a\u038c\u038e-ΡΣ-ϵϷ-ҁҊ-ԯԱ-ՖႠ-ჅᎠ-Ᏽᏸ-ᏽᲐ-ᲺᲽ-Ჿᴀ-ᴫᵫ-ᵷᵹ-ᶚ` +
  String.raw`\u1e00-\u1f15\u1f18-\u1f1d\u1f20-\u1f45\u1f48-\u1f4d\u1f50-\u1f57\u1f59\u1f5b\u1f5d\u1f5f-\u1f7d` +
  String.raw`\u1f80-\u1fb4\u1fb6-\u1fbc\u1fbe\u1fc2-\u1fc4\u1fc6-\u1fcc\u1fd0-\u1fd3\u1fd6-\u1fdb\u1fe0-\u1fec` +
  String.raw`\u1ff2-\u1ff4\u1ff6-\u1ffc\u2102\u2107\u210a-\u2113\u2115\u2119-\u211d\u2124\u2126\u2128\u212a-\u212d` +
  String.raw`\u212f-\u2134\u2139\u213c-\u213f\u2145-\u2149\u214eↃↄⰀ-ⱻⱾ-ⳤⳫ-ⳮⳲⳳꙀ-ꙭꚀ-ꚛꜢ-ꝯꝱ-ꞇꞋ-ꞎꭰ-ꮿ` +
  String.raw`\ufb00-\ufb06\ufb13-\ufb17Ａ-Ｚａ-ｚ𐐀-𐑏𐒰-𐓓𐓘-𐓻𐲀-𐲲𐳀-𐳲𑢠-𑣟𞤀-𞥃`
const IDEOGRAPHS = String.raw`[\u4e00-\u9fa5\u0800-\u4e00\uac00-\ud7ff]+`
const SENTENCES = String.raw` ?[^(\s|.,!?…。，、।۔،)]+`

/** By a name of ours. */
export const PATTERNS = {
  llama3: [gpt4(String.raw`\p{N}{1,3}`)],
  qwen2: [gpt4(String.raw`\p{N}`)],
  withoutContractions: [gpt4(String.raw`\p{N}`, '')],
  minicpm5: [String.raw`\p{N}{1,3}`, gpt4(String.raw`\p{N}+`)],
  seedCoder: [gpt4(String.raw`\p{N}`).replace(String.raw`[^\s\p{L}\p{N}]+[\r\n]*`, String.raw`[^\s\p{L}\p{N}\r\n]+`)],
  gpt4o: [cased(String.raw`\p{N}{1,3}`, `${CONTRACTIONS}?`)],
  tekken: [cased(String.raw`\p{N}`, '')],
  deepseekLlm: [
    '[\r\n]',
    String.raw`\s?[${CASED_LETTERS}]+`,
    String.raw`\s?[!-/:-~\uff01-\uff0f\uff1a-\uff5e\u2018-\u201f\u3000-\u3002]+`,
    String.raw`\s+$`,
    IDEOGRAPHS,
    String.raw`\p{N}+`,
  ],
  deepseekCoder: ['[\r\n]', String.raw`\s?\p{L}+`, String.raw`\s?\p{P}+`, IDEOGRAPHS, String.raw`\p{N}`],
  deepseekV3: [
    String.raw`\p{N}{1,3}`,
    String.raw`[\u4e00-\u9fa5\u3040-\u309f\u30a0-\u30ff]+`,
    '[!"#$%&\'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+|[^\\r\\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+| ' +
      '?[\\p{P}\\p{S}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+',
  ],
  falcon: ['[\\p{P}\\$\\+<=>\\^~\\|`]+', GPT2, '[0-9][0-9][0-9]'],
  default: [String.raw`[\p{P}\$\+<=>\^~\|]+`, GPT2, String.raw`\p{N}+`, '[0-9][0-9][0-9]'],
  bloom: [SENTENCES],
  viking: [SENTENCES, String.raw`\p{N}`],
} as const
