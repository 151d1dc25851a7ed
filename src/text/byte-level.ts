/**
 * The alphabet of byte-level BPE: every byte is one printable character, and a token's spelling is its bytes in that
 * alphabet.
 */

const BYTE_OF = new Map<string, number>()
/** [256] */
const ALPHABET: string[] = []
let next = 256
for (let byte = 0; byte < 256; byte++) {
  const printable = (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae
  ALPHABET.push(String.fromCharCode(printable ? byte : next++))
  BYTE_OF.set(ALPHABET[byte], byte)
}

const encoder = new TextEncoder()

/** Text in the alphabet. */
export const byteLevelSpelling = (text: string): string => byteLevelSpellingOf(encoder.encode(text))

/** Bytes in the alphabet. */
export function byteLevelSpellingOf(bytes: Uint8Array): string {
  let spelled = ''
  for (const byte of bytes) spelled += ALPHABET[byte]
  return spelled
}

/** The bytes a spelling stands for; a spelling with characters outside the alphabet is ordinary text. */
export function spellingBytes(spelling: string): Uint8Array {
  const bytes: number[] = []
  for (const character of spelling) {
    const byte = BYTE_OF.get(character)
    if (byte === undefined) return encoder.encode(spelling)
    bytes.push(byte)
  }
  return Uint8Array.from(bytes)
}
