/**
 * A feature drafter's file (EAGLE family, arXiv 2401.15077): a GGUF of architecture `sequoia-draft` that holds one
 * Llama layer, what feeds it and a head over a reduced vocabulary. It works with one target only, whose embeddings it
 * uses and whose features it reads; the file says which.
 */
import { open } from 'node:fs/promises'
import { basename } from 'node:path'
import { ModelError } from '../spec/errors.js'
import { byLevel } from '../import/draft-acceptance.js'
import { readHeader, type GgufHeader } from '../checkpoint/gguf/header.js'
import { checkpointName } from '../architectures/llama-gguf.js'
import { plainSpec } from '../architectures/plain.js'
import { hashFile } from '../common/hash.js'
import type { ModelManifest } from '../spec/manifest.js'
import { linearsOf, type ModelSpec } from '../spec/model-spec.js'
import { readTensor } from '../checkpoint/stored-tensor.js'

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
  const header = await readHeader(path)
  const spec = draftSpec(header)
  const tokens = Int32Array.from(header.metadata.numbers('sequoia-draft.tokens'))
  checkShapes(path, header, spec, tokens)
  const byName = new Map(
    [...header.tensors.values()].map((tensor) => [
      checkpointName(tensor.name) ?? tensor.name.replace(/\.weight$/, ''),
      tensor,
    ]),
  )
  const { metadata } = header
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
  const about = {
    name: basename(path).replace(/\.gguf$/i, ''),
    path,
    sha256: await hashFile(path),
    spec,
    tokens,
    license: metadata.has('general.license') ? metadata.string('general.license') : null,
    target: {
      name: metadata.string('sequoia-draft.target.name'),
      normSha256: metadata.string('sequoia-draft.target.norm_sha256'),
    },
    acceptance: {
      target: metadata.string('sequoia-draft.target.name'),
      greedy: acceptance('greedy'),
      sampled: acceptance('sampled'),
    },
  }
  const file = await open(path)
  return {
    ...about,
    read: async (name) => readTensor(file, path, byName.get(name)!),
    close: () => file.close(),
  }
}

function draftSpec({ metadata }: GgufHeader): ModelSpec {
  const architecture = metadata.string('general.architecture')
  if (architecture !== DRAFT_ARCHITECTURE) {
    throw new ModelError(
      'model_invalid',
      metadata.path,
      `${metadata.path} holds a model of architecture "${architecture}"; a feature drafter's is "${DRAFT_ARCHITECTURE}"`,
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

function checkShapes(
  path: string,
  { tensors }: GgufHeader,
  { hidden, vocab, layers }: ModelSpec,
  tokens: Int32Array,
): void {
  const [qkv, o, gateUp, down] = linearsOf(layers[0])
  const [q, kv] = qkv.parts
  const expected: Record<string, number[]> = {
    'fc.weight': [hidden, 2 * hidden],
    'head.weight': [tokens.length, hidden],
    'blk.0.attn_norm.weight': [hidden],
    'blk.0.attn_q.weight': [q, hidden],
    'blk.0.attn_k.weight': [kv, hidden],
    'blk.0.attn_v.weight': [kv, hidden],
    'blk.0.attn_output.weight': [o.outputs, o.inputs],
    'blk.0.ffn_norm.weight': [hidden],
    'blk.0.ffn_gate.weight': [gateUp.parts[0], hidden],
    'blk.0.ffn_up.weight': [gateUp.parts[1], hidden],
    'blk.0.ffn_down.weight': [down.outputs, down.inputs],
  }
  for (const [name, shape] of Object.entries(expected)) {
    const found = tensors.get(name)?.shape.join(', ') ?? 'nothing'
    if (found !== shape.join(', '))
      throw new ModelError(
        'model_invalid',
        path,
        `${path} has ${found} as tensor ${name}; expected [${shape.join(', ')}]: install the package again`,
      )
  }
  const outside = tokens.findIndex(
    (token, i) => !Number.isInteger(token) || token >= vocab || token <= (i === 0 ? -1 : tokens[i - 1]),
  )
  if (outside >= 0)
    throw new ModelError(
      'model_invalid',
      path,
      `${path} lists token ${tokens[outside]} at place ${outside} of its vocabulary; expected ascending ids below ${vocab}`,
    )
}
