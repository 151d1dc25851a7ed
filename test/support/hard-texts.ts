/** Texts that tokenizers get wrong, made from a seed: every sort of them in turn. */
import { seeded } from './random-llama.js'

/** Spellings of special and added tokens of the families. */
const SPELLINGS = [
  '<s>',
  '</s>',
  '<unk>',
  '<pad>',
  '<bos>',
  '<eos>',
  '[INST]',
  '[/INST]',
  '<|im_start|>',
  '<|im_end|>',
  '<|endoftext|>',
  '<|eot_id|>',
  '<|begin_of_text|>',
  '<|end|>',
  '<start_of_turn>',
  '<end_of_turn>',
  '<tool_call>',
  '<think>',
  '<unused0>',
  '<0x41>',
  '<｜User｜>',
  '▁▁',
]
const WORDS = (
  'the quick brown fox Jumps OVER lazy dogs tree draft token verify accept naïve café façade über straße Größe ' +
  'žluťoučký İstanbul ıstanbul ﬁne Σίσυφος ΣΑΣ Дерево ДЕРЕВО שלום مرحبا بالعالم नमस्ते दुनिया สวัสดี ကမ္ဘာ 안녕하세요 ' +
  '세계 こんにちは 世界 東京 你好 樹狀推測 中文分词 カタカナ ｱｲｳ ქართული ԲԱՐԵՎ ᏣᎳᎩ ǅungla McDonald iPhone XMLHttpRequest snake_case'
).split(' ')
const NUMBERS = (
  '0¦7¦42¦007¦1999¦12345¦1234567890123¦3.14159¦1,234,567¦6.02e23¦0xFF¦x2y3¦٣٤٥¦१२¦２０¦Ⅷ¦½¦²¦①¦𝟙𝟚¦〇¦' +
  '௧¦192.168.0.1¦+49 30 1234¦12:34:56¦100%¦$5'
).split('¦')
const BLANKS = (
  ' ¦  ¦   ¦        ¦\n¦\n\n¦\n\n\n¦\t¦\t\t¦\r\n¦\r¦ \n¦\n ¦ \t ¦\u00a0¦\u2003¦\u3000¦\u200b¦' +
  '\ufeff¦\u2028¦\u0085¦\x0b¦\x0c¦\u180e¦\x1c'
).split('¦')
const EMOJI = '😀¦👩‍👩‍👧‍👦¦🇩🇪¦👍🏽¦❤️¦🏴󠁧󠁢󠁳󠁣󠁴󠁿¦🫠¦☃¦🧑‍💻¦1️⃣¦😀😀😀¦🙂🙃¦↔️¦™️'.split('¦')
const CONTRACTIONS = (
  "it's¦IT'S¦we're¦WE'RE¦they'll¦I'M¦you've¦he'd¦can't¦'s¦'S¦'LL¦’s¦''¦'d'm¦" +
  "can't've¦rock'n'roll¦'tis¦O'Neill¦'ſ¦x'ſt¦' s¦'re'll"
).split('¦')
const MARKS = (
  'e\u0301¦n\u0303¦a\u030a¦Z\u0351\u036b\u0343¦q\u0307\u0323¦\u0301¦ก็¦क्ष¦각¦ﷺ¦\u202eabc¦' +
  '\u1112\u1161\u11ab¦ａｂｃ¦ﬀ¦\u212b¦\u2126¦\u0344¦\u200d¦\u034f'
).split('¦')
const SIGNS = (
  '!¦...¦?!¦--¦==¦!==¦->¦::¦/*¦*/¦//¦<br/>¦{"a": [1]}¦\\n¦`x`¦$$¦#!¦(a)¦[b]¦«c»¦„d“¦…¦、¦。¦，¦！¦·¦•¦' +
  '€¦∑∫¦~~¦@x¦&amp;¦%20¦___'
).split('¦')

type Random = () => number

const below = (random: Random, limit: number): number => Math.floor(random() * limit)
const oneOf = <T>(random: Random, list: readonly T[]): T => list[below(random, list.length)]
const some = (random: Random, most: number, make: () => string, glue = ''): string =>
  Array.from({ length: 1 + below(random, most) }, make).join(glue)

/** Any character below `top` but surrogates. */
function character(random: Random, top: number): string {
  const code = 1 + below(random, top - 1)
  return code >= 0xd800 && code <= 0xdfff ? '\ufffd' : String.fromCodePoint(code)
}

/** Random bytes read as UTF-8: what does not fit becomes U+FFFD. */
const brokenBytes = (random: Random): string =>
  new TextDecoder().decode(Uint8Array.from({ length: 1 + below(random, 12) }, () => below(random, 256)))

const SORTS: readonly ((random: Random) => string)[] = [
  (random) => some(random, 6, () => oneOf(random, WORDS), ' '),
  (random) => some(random, 4, () => oneOf(random, NUMBERS), oneOf(random, ['', ' ', ', '])),
  (random) => some(random, 5, () => oneOf(random, BLANKS)),
  (random) => some(random, 3, () => oneOf(random, EMOJI)),
  (random) => some(random, 3, () => oneOf(random, CONTRACTIONS), oneOf(random, ['', ' '])),
  (random) => some(random, 3, () => oneOf(random, SPELLINGS), oneOf(random, ['', ' ', 'a'])),
  (random) => some(random, 4, () => oneOf(random, MARKS)),
  (random) => some(random, 4, () => oneOf(random, SIGNS), oneOf(random, ['', ' '])),
  (random) => some(random, 8, () => character(random, oneOf(random, [0x80, 0x250, 0x3000, 0x10000, 0x20000]))),
  (random) => some(random, 6, () => character(random, 0x20)),
  brokenBytes,
  (random) => oneOf(random, ['a', 'ab', 'A', '1', ' ', '\n', '=', '漢', 'é', '😀']).repeat(1 + below(random, 40)),
]

/** `count` texts of up to seven pieces, the first two of them empty and a blank. */
export function hardTexts(count: number, seed: number): string[] {
  const random = seeded(seed)
  const text = (i: number): string => {
    if (i < 2) return ['', ' '][i]
    const glue = oneOf(random, ['', '', ' ', '\n'])
    // Each sort leads its share of the texts.
    const lead = SORTS[i % SORTS.length](random)
    const rest = Array.from({ length: below(random, 7) }, () => oneOf(random, SORTS)(random))
    return [lead, ...rest].join(glue)
  }
  return Array.from({ length: count }, (_, i) => text(i))
}
