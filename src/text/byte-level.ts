/**
 * The alphabet of byte-level BPE: every byte is one printable character, and a token's spelling is its bytes in that
 * alphabet.
 */

const BYTE_OF = new Map<string, number>()
let next = 256
for (let byte = 0; byte < 256; byte++) {
  const printable = (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae
  BYTE_OF.set(String.fromCharCode(printable ? byte : next++), byte)
}

const encoder = new TextEncoder()

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

/** The characters of the alphabet that are not tokens of their own in a vocabulary. */
export function missingBytes(isToken: (spelling: string) => boolean): string[] {
  return [...BYTE_OF.keys()].filter((character) => !isToken(character))
}
