/**
 * The wasm module behind the typed face: its exports as the ABI documents them (assembly/README.md), loaded once from
 * the package's own `./wasm` entry, and its status codes as errors.
 */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { Instance, Module } from '../common/web-assembly.js'
import { InvalidArgumentError, RuntimeError, SequoiaError } from '../spec/errors.js'

/** The part of `WebAssembly.Memory` that is used here; typed by ourselves so that users need no DOM types. */
export interface WasmMemory {
  readonly buffer: ArrayBuffer
}

/** Walks that read the draft's logits too: [draftRows, vocab], and the row of each node, -1 for none. */
type DraftedWalk = (
  parents: number,
  tokens: number,
  m: number,
  logits: number,
  draftLogits: number,
  draftRows: number,
  draftRow: number,
  vocab: number,
  sampling: number,
  draftSampling: number,
  key: number,
  rootPosition: number,
  out: number,
) => number

/** Pointers are byte offsets into `memory`; functions return a negative status when they fail. */
export interface CoreExports {
  memory: WasmMemory
  abi_version(): number
  alloc(bytes: number): number
  free(pointer: number): number
  threefry2x32(k0: number, k1: number, c0: number, c1: number, out: number): number
  choose_token(logits: number, vocab: number, sampling: number, key: number, position: number): number
  probabilities(logits: number, vocab: number, sampling: number, out: number): number
  draft_children(
    logits: number,
    vocab: number,
    sampling: number,
    key: number,
    position: number,
    tag: number,
    k: number,
    kind: number,
    tokens: number,
    probabilities: number,
  ): number
  verify_coupled(
    parents: number,
    tokens: number,
    m: number,
    logits: number,
    vocab: number,
    sampling: number,
    key: number,
    rootPosition: number,
    out: number,
  ): number
  verify_sequoia: DraftedWalk
  verify_specinfer: DraftedWalk
  verify_naive: DraftedWalk
  verify_traversal: DraftedWalk
  verify_block: DraftedWalk
  plan_frontier(
    acceptance: number,
    levels: number,
    ranks: number,
    maxNodes: number,
    maxDepth: number,
    out: number,
  ): number
  plan_tree(acceptance: number, levels: number, ranks: number, nodes: number, depth: number, parents: number): number
  ancestor_mask(base: number, slotCount: number, parents: number, slots: number, m: number, out: number): number
  set_script(decisions: number, length: number, chances: number, law: number, vocab: number): number
  choices_made(): number
}

/** ABI this face is written for. */
const ABI_VERSION = 1

let compiled: object | undefined

/** A new instance, with memory of its own. Throws `RuntimeError` when the module is missing or of another ABI. */
export function instantiate(): CoreExports {
  compiled ??= compile()
  const exports = new Instance(compiled, {}).exports as CoreExports
  const version = exports.abi_version()
  if (version !== ABI_VERSION)
    throw new RuntimeError(
      `core.wasm has ABI version ${version}, this package needs ${ABI_VERSION}: run \`npm run build:wasm\``,
    )
  return exports
}

function compile(): object {
  try {
    return new Module(readFileSync(createRequire(import.meta.url).resolve('sequoia-onnx/wasm')))
  } catch (cause) {
    throw new RuntimeError(
      'core.wasm could not be loaded from sequoia-onnx/wasm: ' +
        'reinstall the package, or run `npm run build:wasm` in a clone',
      { cause },
    )
  }
}

/** Passes results through and throws what a negative status means; `call` names the function for the message. */
export function checked(status: number, call: string): number {
  if (status >= 0) return status
  throw failure(status, call)
}

function failure(status: number, call: string): SequoiaError {
  switch (status) {
    case -2:
      return new InvalidArgumentError(
        'pointer',
        `${call}: a pointer is unaligned or its array leaves wasm memory; take pointers from Core.alloc`,
      )
    case -3:
      return new RuntimeError(
        `${call}: wasm memory cannot grow any further (4 GiB is the most); use fewer logits rows or a smaller tree`,
      )
    case -4:
      return new RuntimeError(
        `${call}: a row of logits is all NaN or -Infinity, so no token can be chosen; ` +
          'the model or a mask on its logits is broken, or values go beyond what the format holds ("fp32" holds more)',
      )
    case -5:
      return new InvalidArgumentError(
        'nodes',
        `${call}: no tree has this many nodes within this depth and these ranks; allow more depth or fewer nodes`,
      )
    default:
      return new InvalidArgumentError(
        'request',
        `${call}: a number is out of range; sizes must be positive, temperature >= 0, topP and minP in 0..1, ` +
          'topK >= 0, parents before children, tokens within the vocabulary',
      )
  }
}
