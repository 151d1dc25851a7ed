/**
 * `@mlc-ai/web-xgrammar` as we use it: grammars in, masks over the vocabulary out. Two things about the package are
 * mended here. It is a browser build that Node cannot import as it is, so its source is evaluated in a function whose
 * surroundings look like a page. And what is wrong with a grammar ends its wasm instance ("Aborted"), with the reason
 * on the console: so grammars are parsed first in an instance that may be lost, and its console is ours.
 */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { compileFunction } from 'node:vm'
import type { Grammar, GrammarCompiler, GrammarMatcher, TokenizerInfo } from '@mlc-ai/web-xgrammar'
import { RuntimeError } from '../spec/errors.js'

interface Exports {
  Grammar: typeof Grammar
  GrammarCompiler: typeof GrammarCompiler
  GrammarMatcher: typeof GrammarMatcher
  TokenizerInfo: typeof TokenizerInfo
}

/** One wasm instance of the library. */
export interface XGrammar extends Exports {
  /** What the instance has printed; the reasons of failures are among it. */
  readonly said: string[]
  /** All of its memory, once a first call has been made; a view that is good until the next call. */
  memory(): Uint8Array<ArrayBuffer>
  /** A C++ `std::vector<int32>` that one of its calls returned, as a view that is good until the next call. */
  ints(vector: object): Int32Array
}

/** What embind keeps of the C++ object behind a handle. */
export interface Handle {
  readonly $$: { ptr: number }
}

/** What its memory grows by. */
export const PAGE_BYTES = 65_536

/** `leastBytes`: how long its memory is to be at least. */
export function openXGrammar(leastBytes = 0): XGrammar {
  const said: string[] = []
  const say = (...words: unknown[]): void => void said.push(words.join(' '))
  let started: WebAssembly.Memory | undefined
  const memory = (): ArrayBuffer => {
    if (!started) throw new RuntimeError('the grammar library has not started: its wasm exports no memory')
    return started.buffer
  }
  const page = {
    exports: {} as Exports,
    module: {},
    process: undefined,
    window: {},
    document: { currentScript: { tagName: 'SCRIPT', src: 'file:///xgrammar.js' } },
    console: { log: say, warn: say, error: say },
    atob: () => '',
    WebAssembly: {
      ...pick(WebAssembly),
      instantiate: async (_nothing: BufferSource, imports: WebAssembly.Imports) => {
        const instance = await WebAssembly.instantiate(await library!.module, imports)
        started = Object.values(instance.exports).find((one) => one instanceof WebAssembly.Memory)
        // Before the page sees it, since it keeps views of the whole.
        started?.grow(Math.max(0, Math.ceil((leastBytes - started.buffer.byteLength) / PAGE_BYTES)))
        return { instance }
      },
    },
  }
  library ??= readLibrary(Object.keys(page))
  library.code(...Object.values(page))
  return {
    ...page.exports,
    said,
    memory: () => new Uint8Array(memory()),
    ints: (vector) => {
      // A vector is three pointers: begin, end, end of storage.
      const [begin, end] = new Uint32Array(memory(), (vector as Handle).$$.ptr, 2)
      return new Int32Array(memory(), begin, (end - begin) >> 2)
    },
  }
}

/** The members of `WebAssembly` that emscripten's start-up reads; they are not enumerable. */
function pick({
  Module,
  Instance,
  Memory,
  Table,
  RuntimeError: Trap,
  instantiateStreaming,
}: typeof WebAssembly): Partial<typeof WebAssembly> {
  return { Module, Instance, Memory, Table, RuntimeError: Trap, instantiateStreaming }
}

interface Library {
  /** The package's code as a function of its surroundings; the wasm, which it holds as text, is taken out of it. */
  code(...surroundings: unknown[]): void
  /** That wasm, one module for all instances. */
  module: Promise<WebAssembly.Module>
}

let library: Library | undefined

function readLibrary(surroundings: readonly string[]): Library {
  const file = createRequire(import.meta.url).resolve('@mlc-ai/web-xgrammar')
  let base64 = ''
  const source = readFileSync(file, 'latin1').replace(/(?<=;base64,)[\w+/=]{1000,}/, (found) => {
    base64 = found
    return ''
  })
  return {
    code: compileFunction(source, surroundings, { filename: file }) as Library['code'],
    module: WebAssembly.compile(Buffer.from(base64, 'base64')),
  }
}

/** The reason of the last failure, without the place in the library's sources. */
export function lastReason({ said }: XGrammar): string | undefined {
  const fatal = said.findLast((line) => line.includes('[FATAL]'))
  return fatal?.replace(/^.*?\[FATAL\]\s*(\S+:\d+:\s*)?/, '').trim()
}
