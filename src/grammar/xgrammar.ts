/**
 * `@mlc-ai/web-xgrammar` as we use it: grammars in, masks over the vocabulary out. Two things about the package are mended here.
 * It is a browser build that Node cannot import as it is, so its source is evaluated in a function whose surroundings look like a page.
 * And what is wrong with a grammar ends its wasm instance ("Aborted"), with the reason on the console: so grammars are parsed first in an
 * instance that may be lost, and its console is ours.
 */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { compileFunction } from 'node:vm'
import type { Grammar, GrammarCompiler, GrammarMatcher, TokenizerInfo } from '@mlc-ai/web-xgrammar'
import { RuntimeError } from '../errors.js'

interface Exports {
  Grammar: typeof Grammar
  GrammarCompiler: typeof GrammarCompiler
  GrammarMatcher: typeof GrammarMatcher
  TokenizerInfo: typeof TokenizerInfo
}

interface WasmMemory {
  readonly buffer: ArrayBuffer
}

/** One wasm instance of the library. */
export interface XGrammar extends Exports {
  /** What the instance has printed; the reasons of failures are among it. */
  readonly said: string[]
  /** A C++ `std::vector<int32>` that one of its calls returned, as a view that is good until the next call. */
  ints(vector: object): Int32Array
}

/** What embind keeps of the C++ object behind a handle. */
interface Handle {
  readonly $$: { readonly ptr: number }
}

export function openXGrammar(): XGrammar {
  const said: string[] = []
  const say = (...words: unknown[]): void => void said.push(words.join(' '))
  let memory: WasmMemory | undefined
  const page = {
    exports: {} as Exports,
    module: {},
    process: undefined,
    window: {},
    document: { currentScript: { tagName: 'SCRIPT', src: 'file:///xgrammar.js' } },
    console: { log: say, warn: say, error: say },
    WebAssembly: {
      ...pick(WebAssembly),
      instantiate: async (bytes: BufferSource, imports: WebAssembly.Imports) => {
        const result = await WebAssembly.instantiate(bytes, imports)
        memory = Object.values(result.instance.exports).find((one) => one instanceof WebAssembly.Memory)
        return result
      },
    },
  }
  const { file, source } = library()
  compileFunction(source, Object.keys(page), { filename: file })(...Object.values(page))
  return {
    ...page.exports,
    said,
    ints: (vector) => {
      if (!memory) throw new RuntimeError('the grammar library has not started: its wasm exports no memory')
      // A vector is three pointers: begin, end, end of storage.
      const [begin, end] = new Uint32Array(memory.buffer, (vector as Handle).$$.ptr, 2)
      return new Int32Array(memory.buffer, begin, (end - begin) >> 2)
    },
  }
}

/** The members of `WebAssembly` that emscripten's start-up reads; they are not enumerable. */
function pick({ Module, Instance, Memory, Table, RuntimeError: Trap, instantiateStreaming }: typeof WebAssembly): Partial<typeof WebAssembly> {
  return { Module, Instance, Memory, Table, RuntimeError: Trap, instantiateStreaming }
}

let read: { file: string; source: string } | undefined

function library(): { file: string; source: string } {
  if (!read) {
    const file = createRequire(import.meta.url).resolve('@mlc-ai/web-xgrammar')
    read = { file, source: readFileSync(file, 'utf8') }
  }
  return read
}

/** The reason of the last failure, without the place in the library's sources. */
export function lastReason({ said }: XGrammar): string | undefined {
  const fatal = said.findLast((line) => line.includes('[FATAL]'))
  return fatal?.replace(/^.*?\[FATAL\]\s*(\S+:\d+:\s*)?/, '').trim()
}
