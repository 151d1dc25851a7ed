/**
 * A compiled grammar on its way from one thread to another. The library cannot write one out, so all memory of the wasm
 * instance that compiled it goes: another instance of the same module that is given these bytes goes on where that one
 * was. What lies outside them is the same in every instance between two calls: the stack is empty, and the binding's
 * tables follow from the module.
 */
import { setImmediate } from 'node:timers/promises'
import type { CompiledGrammar } from '@mlc-ai/web-xgrammar'
import { openLibrary, openXGrammar, PAGE_BYTES, type Handle, type Library, type XGrammar } from './xgrammar.js'

export interface GrammarImage {
  /** The instance's memory; behind these bytes there are zeros only. */
  bytes: Uint8Array<ArrayBuffer>
  /** Length of that memory with those zeros. */
  memoryBytes: number
  /** Where in it the compiled grammar is. */
  pointer: number
  opener: Library
}

/** A compiled grammar and the instance that it lives in. */
export interface OpenGrammar {
  library: XGrammar
  compiled: CompiledGrammar
  /** Memory it takes. */
  bytes: number
}

const NO_PAGE = new Uint8Array(PAGE_BYTES)

/** Bytes copied in one go: about a millisecond. */
const COPY_BYTES = 2 ** 21

/** The image of an instance in which no call is running. */
export async function imageOf(library: XGrammar, compiled: CompiledGrammar): Promise<GrammarImage> {
  return {
    opener: await openLibrary(),
    bytes: usedBytes(library),
    memoryBytes: library.memory().length,
    pointer: (compiled.handle as Handle).$$.ptr,
  }
}

/** A copy of an instance's memory up to the last page that does not hold zeros only. */
export function usedBytes(library: XGrammar): Uint8Array<ArrayBuffer> {
  const memory = library.memory()
  let end = memory.length
  while (end > 0 && Buffer.compare(memory.subarray(end - PAGE_BYTES, end), NO_PAGE) === 0) end -= PAGE_BYTES
  return memory.slice(0, end)
}

/** Makes an instance what another one was. The event loop gets its turns meanwhile. */
export async function openImage({ bytes, memoryBytes, pointer, opener }: GrammarImage): Promise<OpenGrammar> {
  const library = openXGrammar(memoryBytes, opener)
  const compiled = await standIn(library)
  for (let at = 0; at < bytes.length; at += COPY_BYTES) {
    await setImmediate()
    library.memory().set(bytes.subarray(at, at + COPY_BYTES), at)
  }
  const { $$ } = compiled.handle as Handle
  $$.ptr = pointer
  return { library, compiled, bytes: bytes.length }
}

/**
 * Compiles a tiny grammar. An instance that is to be overwritten needs a handle, which is then pointed at the image's
 * grammar. Instances that images are taken of do the same first, so that both have made the library's first calls.
 */
export async function standIn(library: XGrammar): Promise<CompiledGrammar> {
  const info = await library.TokenizerInfo.createTokenizerInfo(['a', ''], 'raw', false, 2, [1])
  const compiler = await library.GrammarCompiler.createGrammarCompiler(info, false)
  return compiler.compileGrammar('root ::= "a"')
}
