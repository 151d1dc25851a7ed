/**
 * The grammar library without a step that changes what a grammar means. It makes an automaton of each rule and merges
 * states that look alike; but of states it has just merged it looks at the ways they had before, so that
 * `"-" [0-9]{4} | [0-9]{3} | [0-9]{4}` takes digits without end (xgrammar 0.1.27, its issue 618). The step leaves
 * automata alone that have more states than a limit. The limit is made 0: what is left to make them small is the
 * library's minimizing of deterministic automata, which is sound.
 */
import { RuntimeError } from '../spec/errors.js'

/** `i32.const 1200001`: the limit, 100,000 states of 12 bytes. */
const LIMIT = Uint8Array.of(0x41, 0x81, 0x9f, 0xc9, 0x00)
/** `i32.const 0` in as many bytes. */
const NONE = Uint8Array.of(0x41, 0x80, 0x80, 0x80, 0x00)

/** Throws `RuntimeError` for a wasm that has the limit not once: another version of the library. */
export function withoutMerging(wasm: Buffer): Buffer {
  const at = wasm.indexOf(LIMIT)
  if (at < 0 || wasm.indexOf(LIMIT, at + 1) >= 0)
    throw new RuntimeError(
      'the grammar library is not the version that is known here: its step that merges states was not found; ' +
        'install @mlc-ai/web-xgrammar 0.1.27',
    )
  const changed = Buffer.from(wasm)
  changed.set(NONE, at)
  return changed
}
