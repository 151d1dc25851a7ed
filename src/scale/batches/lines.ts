/** Lines of a text that comes in pieces, each with its place: what a line was is read again later. */

export interface Line {
  /** From 1. */
  number: number
  /** Of its first byte, and how many there are without the line's end. */
  offset: number
  bytes: number
  text: string
}

const NEWLINE = 0x0a

/** Blank lines are left out. A line of more than `mostBytes` is given without its text, as `text: ''`. */
export async function* linesOf(source: AsyncIterable<Uint8Array>, mostBytes: number): AsyncGenerator<Line> {
  const decoder = new TextDecoder()
  let pieces: Uint8Array[] = []
  let length = 0
  let offset = 0
  let number = 1
  const take = (): Line | null => {
    const text = length > mostBytes ? null : decoder.decode(Buffer.concat(pieces))
    const line = { number, offset, bytes: length, text: text ?? '' }
    offset += length + 1
    number++
    pieces = []
    length = 0
    return text?.trim() === '' ? null : line
  }
  for await (const chunk of source) {
    let from = 0
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, from)) {
      add(chunk.subarray(from, end))
      const line = take()
      if (line) yield line
      from = end + 1
    }
    add(chunk.subarray(from))
  }
  const last = length > 0 ? take() : null
  if (last) yield last

  function add(piece: Uint8Array): void {
    length += piece.length
    if (length <= mostBytes) pieces.push(piece.slice())
  }
}
