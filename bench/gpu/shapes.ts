/** Shapes of the models that are measured, and what the paper says of them. */
import type { PlainShape } from '../../src/architectures/index.js'

const LLAMA = { theta: 10000, epsilon: 1e-5, maxPositions: 4096, tied: false, headDim: 128, vocab: 102400 }

export type Piece = '7b' | '13b' | '33b' | 'draft'
export type Shapes = Readonly<Record<Piece, PlainShape>>

/** Llama's: `draft` is that of the published vector's draft, 68 million weights. */
export const FULL: Shapes = {
  '7b': { ...LLAMA, hidden: 4096, inner: 11008, layers: 32, heads: 32, kvHeads: 32 },
  '13b': { ...LLAMA, hidden: 5120, inner: 13824, layers: 40, heads: 40, kvHeads: 40 },
  '33b': { ...LLAMA, hidden: 6656, inner: 17920, layers: 60, heads: 52, kvHeads: 52 },
  draft: { ...LLAMA, hidden: 768, inner: 3072, layers: 2, heads: 12, kvHeads: 12, headDim: 64 },
}

const SMALL = { ...LLAMA, maxPositions: 256, vocab: 1024, hidden: 32, inner: 64, heads: 2, kvHeads: 2, headDim: 16 }

/** To see that all of it runs: seconds, and nothing said of speed. */
export const TINY: Shapes = {
  '7b': { ...SMALL, layers: 3 },
  '13b': { ...SMALL, layers: 2 },
  '33b': { ...SMALL, layers: 4 },
  draft: { ...SMALL, layers: 1 },
}

/** Times plain decoding (arXiv 2402.12374): table 1 (A100) and table 2 (offloading, L40). */
export const PAPER: Readonly<Partial<Record<Piece | 'offload', number>>> = {
  '7b': 4.04,
  '13b': 3.73,
  '33b': 2.27,
  offload: 9.96,
}
