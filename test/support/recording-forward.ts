/**
 * A `Forward` without a model: its cache is real, its passes are kept. Logits of row i are all `tokens[i]`, and so are
 * the features that it leaves.
 */
import type { Forward, ForwardInfo, ForwardInput, ForwardOutput } from '../../src/runtime/forward.js'
import { IN_MEMORY } from '../../src/runtime/backend.js'
import { HostKvStore } from '../../src/runtime/kv/host.js'
import type { CacheSize, KvShape, KvStore } from '../../src/runtime/kv/store.js'

export const SHAPE: KvShape = { k: 'float32', v: 'int8', rows: [4, 4] }
const VOCAB = 3

export function hostStore(size: CacheSize): KvStore {
  return new HostKvStore(SHAPE, size, { bind: (view) => view, release: () => undefined })
}

export class RecordingForward implements Forward {
  readonly kind = 'portable'
  readonly traits = IN_MEMORY
  readonly source = null
  readonly replays = null
  readonly info: ForwardInfo
  readonly cache: KvStore
  readonly passes: ForwardInput[] = []
  /** Thrown by the next pass. */
  failure: Error | null = null

  constructor(size: CacheSize, features = { read: 0, written: 0 }, hasWindows = false) {
    this.info = { vocab: VOCAB, hidden: 2, features, hasWindows, kv: SHAPE }
    this.cache = hostStore(size)
  }

  async run(input: ForwardInput, { logits, hidden }: ForwardOutput): Promise<void> {
    const { failure } = this
    this.failure = null
    if (failure) throw failure
    this.passes.push({ ...input, mask: input.mask.slice() })
    const { written } = this.info.features
    input.logitRows.forEach((row, i) => logits.fill(input.tokens[row], i * VOCAB, (i + 1) * VOCAB))
    input.tokens.forEach((token, row) => hidden?.fill(token, row * written, (row + 1) * written))
  }

  withCache(): Forward {
    return new RecordingForward({ slots: 16, lanes: 1 }, this.info.features)
  }

  async dispose(): Promise<void> {
    this.cache.dispose()
  }
}
