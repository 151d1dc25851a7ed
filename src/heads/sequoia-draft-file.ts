/**
 * A feature drafter's file (EAGLE family, arXiv 2401.15077): a GGUF of architecture `sequoia-draft` that holds one
 * Llama layer, what feeds it and a head over a reduced vocabulary. It works with one target only, whose embeddings it
 * uses and whose features it reads; the file says which.
 */
import { ModelError } from '../spec/errors.js'
import { byLevel } from '../import/draft-acceptance.js'
import { namedTensors, plainSpec } from '../architectures/index.js'
import { openGguf } from '../checkpoint/gguf/index.js'
import { readHeader } from '../checkpoint/gguf/header.js'
import type { RawGguf } from '../checkpoint/raw.js'
import type { ModelManifest } from '../spec/manifest.js'
import type { ModelSpec } from '../spec/model-spec.js'

export const DRAFT_ARCHITECTURE = 'sequoia-draft'

export interface DraftFile {
  readonly name: string
  readonly path: string
  /** SHA-256 of the file, hex. */
  readonly sha256: string
  /** One layer, as wide as the target; `vocab` is the target's. */
  readonly spec: ModelSpec
  /** [reduced] token id of each row of the head, ascending. */
  readonly tokens: Int32Array
  readonly license: string | null
  /**
   * What it was trained for. `normSha256`: over the float32 bytes of that checkpoint's `model.norm.weight`, whatever
   * its file format.
   */
  readonly target: { name: string; normSha256: string }
  /** Measured acceptance, [level][rank]. */
  readonly acceptance: ModelManifest['acceptance']
  /**
   * `fc` [hidden, 2 * hidden], `head` [reduced, hidden], or a tensor of layer 0 by Hugging Face's name. q and k rows
   * are in half-split RoPE order.
   */
  read(name: string): Promise<Float32Array>
  close(): Promise<void>
}

/** Whether a path is a feature drafter's file; false for whatever else it is. */
export async function isDraftFile(path: string): Promise<boolean> {
  if (!path.endsWith('.gguf')) return false
  const { metadata } = await readHeader(path)
  return metadata.string('general.architecture', '') === DRAFT_ARCHITECTURE
}

/** Throws `ModelError`: `model_not_found`, or `model_invalid` for a file that is corrupt or lacks a part. */
export async function openDraftFile(path: string): Promise<DraftFile> {
  const raw = await openGguf(path)
  try {
    return await describe(raw)
  } catch (error) {
    await raw.close()
    throw error
  }
}

async function describe(raw: RawGguf): Promise<DraftFile> {
  const { path, metadata } = raw
  const spec = draftSpec(raw)
  const tokens = Int32Array.from(metadata.numbers('sequoia-draft.tokens'))
  const parts = partsOf(spec, tokens.length)
  checkShapes(raw, parts)
  checkTokens(path, tokens, spec.vocab)
  const acceptance = (kind: string): number[][] => {
    const key = `${DRAFT_ARCHITECTURE}.acceptance.${kind}`
    const levels = metadata.count(`${DRAFT_ARCHITECTURE}.acceptance.levels`, 1)
    const vectors = byLevel(metadata.numbers(key), levels)
    if (!vectors)
      throw new ModelError(
        'model_invalid',
        path,
        `${path} holds no probabilities of ${levels} levels as "${key}": install the package again`,
      )
    return vectors
  }
  const target = metadata.string('sequoia-draft.target.name')
  return {
    name: raw.name,
    path,
    sha256: await raw.hash(),
    spec,
    tokens,
    license: raw.license,
    target: { name: target, normSha256: metadata.string('sequoia-draft.target.norm_sha256') },
    acceptance: { target, greedy: acceptance('greedy'), sampled: acceptance('sampled') },
    read: (name) => raw.read(parts.find((part) => part.name === name)?.fileName ?? name),
    close: () => raw.close(),
  }
}

function draftSpec({ metadata }: RawGguf): ModelSpec {
  const architecture = metadata.string('general.architecture')
  if (architecture !== DRAFT_ARCHITECTURE) {
    throw new ModelError(
      'model_invalid',
      metadata.path,
      `${metadata.path} holds a model of architecture "${architecture}"; a feature drafter's is ` +
        `"${DRAFT_ARCHITECTURE}"`,
    )
  }
  const count = (key: string): number => metadata.count(`${DRAFT_ARCHITECTURE}.${key}`)
  return plainSpec({
    vocab: count('vocab_size'),
    hidden: count('embedding_length'),
    inner: count('feed_forward_length'),
    layers: 1,
    heads: count('attention.head_count'),
    kvHeads: count('attention.head_count_kv'),
    headDim: count('attention.key_length'),
    theta: metadata.number(`${DRAFT_ARCHITECTURE}.rope.freq_base`),
    epsilon: metadata.number(`${DRAFT_ARCHITECTURE}.attention.layer_norm_rms_epsilon`),
    maxPositions: count('context_length'),
    tied: false,
  })
}

interface Part {
  name: string
  fileName: string
  shape: readonly number[]
}

/** Its tensors: those of one layer, what feeds it, and its head. */
function partsOf(spec: ModelSpec, reduced: number): Part[] {
  const { hidden } = spec
  return [
    { name: 'fc', fileName: 'fc.weight', shape: [hidden, 2 * hidden] },
    { name: 'head', fileName: 'head.weight', shape: [reduced, hidden] },
    ...namedTensors(spec, 'gguf').filter(({ name }) => name.startsWith('model.layers.')),
  ]
}

function checkShapes({ path, tensors }: RawGguf, parts: readonly Part[]): void {
  for (const { fileName, shape } of parts) {
    const found = tensors.get(fileName)?.shape.join(', ') ?? 'nothing'
    if (found !== shape.join(', '))
      throw new ModelError(
        'model_invalid',
        path,
        `${path} has ${found} as tensor ${fileName}; expected [${shape.join(', ')}]: install the package again`,
      )
  }
}

function checkTokens(path: string, tokens: Int32Array, vocab: number): void {
  const outside = tokens.findIndex((token, i) => token >= vocab || token <= (i === 0 ? -1 : tokens[i - 1]))
  if (outside >= 0)
    throw new ModelError(
      'model_invalid',
      path,
      `${path} lists token ${tokens[outside]} at place ${outside} of its vocabulary; expected ascending ids ` +
        `below ${vocab}`,
    )
}
