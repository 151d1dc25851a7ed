/**
 * `@mlc-ai/web-xgrammar` as we use it: grammars in, masks over the vocabulary out. Two things about the package are
 * mended here. It is a browser build that Node cannot import as it is, so its source is evaluated in a function whose
 * surroundings look like a page. And what is wrong with a grammar ends its wasm instance ("Aborted"), with the reason
 * on the console: so grammars are parsed first in an instance that may be lost, and its console is ours.
 */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { compileFunction } from 'node:vm'
import type { CompiledGrammar, Grammar, GrammarCompiler, GrammarMatcher, TokenizerInfo } from '@mlc-ai/web-xgrammar'
import { RuntimeError } from '../spec/errors.js'
import { FUEL, metered } from './metered.js'
import { withoutMerging } from './without-merging.js'

/** The package's exports as they are at run time, where its own types leave something out. */
interface Exports {
  Grammar: typeof Grammar
  GrammarCompiler: typeof GrammarCompiler
  GrammarMatcher: { createGrammarMatcher(compiled: CompiledGrammar): Promise<Matcher> }
  TokenizerInfo: {
    /** The package declares tokens as strings; the binding takes bytes too. */
    createTokenizerInfo(
      tokens: readonly (string | Uint8Array)[],
      kind: 'raw',
      prependsSpace: boolean,
      vocabSize: number,
      stopTokens: readonly number[],
    ): Promise<TokenizerInfo>
  }
}

/** A matcher with its binding, which the package declares private. */
export type Matcher = Pick<GrammarMatcher, 'acceptToken' | 'isTerminated' | 'rollBack' | 'dispose'> & {
  /** Its calls are synchronous, as a walk over a tree needs; the package has this one as a promise only. */
  readonly handle: { GetNextTokenBitmask(vocabSize: number): { delete(): void } }
}

/** One wasm instance of the library. */
export interface XGrammar extends Exports {
  /** What the instance has printed; the reasons of failures are among it. */
  readonly said: string[]
  /** Sets how much work the calls from here on may take (`metered.ts`); beyond it they trap, and it is lost. */
  refuel(units: number): void
  /** How much of it is left; 0: a call has trapped for want of it. */
  fuel(): number
  /** All of its memory, once a first call has been made; a view that is good until the next call. */
  memory(): Uint8Array<ArrayBuffer>
  /** A C++ `std::vector<int32>` that one of its calls returned, as a view that is good until the next call. */
  ints(vector: object): Int32Array
}

/** What embind keeps of the C++ object behind a handle. */
export interface Handle {
  readonly $$: { ptr: number }
}

/** The counter is an i32. */
export const MOST_FUEL = 2 ** 31 - 1

/** What its memory grows by. */
export const PAGE_BYTES = 65_536

/** The package in parts that threads pass on: to read and meter it takes longer than an event loop may be held. */
export interface Library {
  /** The source, without the wasm that it holds as text. */
  code: string
  module: WebAssembly.Module
}

/** `leastBytes`: how long its memory is to be at least; `given`: the package, where another thread has opened it. */
export function openXGrammar(leastBytes = 0, given?: Library): XGrammar {
  const said: string[] = []
  const say = (...words: unknown[]): void => void said.push(words.join(' '))
  let started: WebAssembly.Memory | undefined
  let fuel: WebAssembly.Global | undefined
  let units = MOST_FUEL
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
        const instance = await WebAssembly.instantiate(given?.module ?? (await libraryModule()), imports)
        started = Object.values(instance.exports).find((one) => one instanceof WebAssembly.Memory)
        fuel = instance.exports[FUEL] as WebAssembly.Global
        fuel.value = units
        // Before the page sees it, since it keeps views of the whole.
        started?.grow(Math.max(0, Math.ceil((leastBytes - started.buffer.byteLength) / PAGE_BYTES)))
        return { instance }
      },
    },
  }
  code ??= compileFunction(given?.code ?? librarySource().code, Object.keys(page), { filename: 'xgrammar.js' }) as Code
  code(...Object.values(page))
  return {
    ...page.exports,
    said,
    refuel: (given) => {
      units = given
      if (fuel) fuel.value = given
    },
    fuel: () => (fuel ? (fuel.value as number) : units),
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

/** The package's code as a function of its surroundings. */
type Code = (...surroundings: unknown[]) => void
let code: Code | undefined
let source: { code: string; wasm: string } | undefined
let compiled: Promise<WebAssembly.Module> | undefined

/** The package's code, and the wasm that it holds as text, taken out of it. */
function librarySource(): { code: string; wasm: string } {
  if (source) return source
  let wasm = ''
  const text = readFileSync(createRequire(import.meta.url).resolve('@mlc-ai/web-xgrammar'), 'latin1')
  const rest = text.replace(/(?<=;base64,)[\w+/=]{1000,}/, (found) => {
    wasm = found
    return ''
  })
  return (source = { code: rest, wasm })
}

/** For other threads. */
export async function openLibrary(): Promise<Library> {
  return { code: librarySource().code, module: await libraryModule() }
}

/** One module for all instances. */
function libraryModule(): Promise<WebAssembly.Module> {
  return (compiled ??= WebAssembly.compile(metered(withoutMerging(Buffer.from(librarySource().wasm, 'base64')))))
}

/** The reason of the last failure, without the place in the library's sources. */
export function lastReason({ said }: XGrammar): string | undefined {
  const fatal = said.findLast((line) => line.includes('[FATAL]'))
  return fatal?.replace(/^.*?\[FATAL\]\s*(\S+:\d+:\s*)?/, '').trim()
}
