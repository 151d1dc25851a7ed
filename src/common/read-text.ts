/** The one way to read text files that people hand us: UTF-8, a byte order mark at the start ignored. */
import { readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'

const BYTE_ORDER_MARK = /^\uFEFF/

/** Text without the mark that some editors begin a file with, and that no JSON parser takes. */
export function withoutMark(text: string): string {
  return text.replace(BYTE_ORDER_MARK, '')
}

/** Throws what `readFile` throws. */
export async function readText(path: string): Promise<string> {
  return withoutMark(await readFile(path, 'utf8'))
}

/** As `readText`, before anything else may run. Throws what `readFileSync` throws. */
export function readTextSync(path: string): string {
  return withoutMark(readFileSync(path, 'utf8'))
}
