/**
 * Rotary embeddings as configurations state them. Scalings that depend on how long a text is (`dynamic`, `longrope`)
 * are fixed beforehand, for keys are cached turned, and a row's bits may not depend on how a text was cut: for texts
 * within the original context where only such are wanted (`maxContext`), else for the longest that there may be.
 */
import type { RopeScaling, RopeSpec } from '../spec/model-spec.js'
import type { ConfigReader, Key } from './config-reader.js'
import type { PlainShape } from './plain.js'

export interface ReadRope {
  rope: RopeSpec
  /** Longest text, in tokens, with the embedding stretched as it is. */
  maxPositions: number
}

type Given = Pick<PlainShape, 'theta' | 'headDim' | 'maxPositions'>

/** `under`: the object of `config.json` that newer files keep it in. */
export function readRope(read: ConfigReader, shape: Given, under = 'rope_parameters'): ReadRope {
  const { theta, headDim, maxPositions } = shape
  const key = (name: string, gguf: string | null): Key => ({ hf: `rope_scaling.${name}|${under}.${name}`, gguf })
  const dims =
    read.from === 'hf'
      ? Math.floor(headDim * read.number({ hf: `partial_rotary_factor|${under}.partial_rotary_factor`, gguf: null }, 1))
      : read.count({ hf: null, gguf: 'rope.dimension_count' }, headDim)
  const plain = { theta, dims, scaling: null }
  const keys = { key, original: originalKey(under) }
  const kind = read.text(
    {
      hf: ['rope_scaling', under].flatMap((at) => [`${at}.rope_type`, `${at}.type`]).join('|'),
      gguf: 'rope.scaling.type',
    },
    'none',
  )
  if (read.from === 'gguf' && read.values('rope_factors_long.weight') !== null)
    return longRope(read, { ...keys, plain, maxPositions })
  switch (kind) {
    case 'none':
    case 'default': {
      const factors = read.values('rope_freqs.weight')
      return { rope: factors ? { ...plain, scaling: { kind: 'factors', factors, magnitude: 1 } } : plain, maxPositions }
    }
    case 'linear':
      return scaled(plain, { kind, factor: read.number(key('factor', 'rope.scaling.factor')) }, maxPositions)
    case 'llama3':
      return scaled(
        plain,
        {
          kind,
          factor: read.number(key('factor', null)),
          lowFreqFactor: read.number(key('low_freq_factor', null)),
          highFreqFactor: read.number(key('high_freq_factor', null)),
          originalPositions: read.count(keys.original),
        },
        maxPositions,
      )
    case 'yarn':
      return yarn(read, { ...keys, plain, maxPositions })
    case 'dynamic':
      return dynamic(read, { ...keys, plain, maxPositions })
    case 'longrope':
    case 'su':
      return longRope(read, { ...keys, plain, maxPositions })
    default:
      return read.refuse(
        `scales its rotary embedding by "${kind}"; this reader knows linear, dynamic, yarn, llama3 and longrope`,
      )
  }
}

interface Scaled {
  plain: RopeSpec
  maxPositions: number
  key: (name: string, gguf: string | null) => Key
  /** Of the context before it was stretched. */
  original: Key
}

function originalKey(under: string): Key {
  const name = 'original_max_position_embeddings'
  return { hf: `rope_scaling.${name}|${under}.${name}|${name}`, gguf: 'rope.scaling.original_context_length' }
}

function scaled(plain: RopeSpec, scaling: RopeScaling, maxPositions: number): ReadRope {
  return { rope: { ...plain, scaling }, maxPositions }
}

function yarn(read: ConfigReader, { plain, maxPositions, key, original }: Scaled): ReadRope {
  const originalPositions = read.count(original, maxPositions)
  const factor = read.number(key('factor', 'rope.scaling.factor'), maxPositions / originalPositions)
  if (!read.flag(key('truncate', null), true))
    read.refuse('has "truncate": false for yarn; only ramps between whole places are supported')
  const usual = (scale: number): number => 0.1 * scale * Math.log(factor) + 1
  const share = read.number(key('mscale', null), 1)
  const all = key('mscale_all_dim', null)
  const magnitude =
    read.from === 'gguf'
      ? read.number({ hf: null, gguf: 'rope.scaling.attn_factor' }, 1) * usual(1)
      : read.number(key('attention_factor', null), read.has(all) ? usual(share) / usual(read.number(all)) : usual(1))
  const scaling: RopeScaling = {
    kind: 'yarn',
    factor,
    originalPositions,
    betaFast: read.number(key('beta_fast', 'rope.scaling.yarn_beta_fast'), 32),
    betaSlow: read.number(key('beta_slow', 'rope.scaling.yarn_beta_slow'), 1),
    magnitude,
  }
  return scaled(plain, scaling, Math.max(maxPositions, Math.floor(factor * originalPositions)))
}

/** Whether no text goes beyond the context that the model had before it was stretched. */
function staysWithin({ maxContext }: ConfigReader, originalPositions: number): boolean {
  return maxContext !== null && maxContext <= originalPositions
}

/** The base grows with the length (NTK): base * (factor * length / original - (factor - 1))^(dims / (dims - 2)). */
function dynamic(read: ConfigReader, { plain, maxPositions, key, original }: Scaled): ReadRope {
  const factor = read.number(key('factor', 'rope.scaling.factor'))
  const originalPositions = read.count(original, maxPositions)
  if (staysWithin(read, originalPositions)) return { rope: plain, maxPositions: originalPositions }
  const longest = Math.max(maxPositions, Math.floor(factor * originalPositions))
  const { theta, dims } = plain
  const growth = ((factor * longest) / originalPositions - (factor - 1)) ** (dims / (dims - 2))
  return { rope: { ...plain, theta: theta * growth }, maxPositions: longest }
}

/** Texts within the original context have factors of their own; cos and sin grow by the same in both. */
function longRope(read: ConfigReader, { plain, maxPositions, key, original }: Scaled): ReadRope {
  const originalPositions = read.count(original, maxPositions)
  const longest = staysWithin(read, originalPositions) ? Math.min(originalPositions, maxPositions) : maxPositions
  const isLong = longest > originalPositions
  const name = isLong ? 'long' : 'short'
  const factors =
    read.from === 'hf' ? read.numbers(key(`${name}_factor`, null)) : read.values(`rope_factors_${name}.weight`)
  if (factors?.length !== plain.dims / 2)
    read.refuse(`has ${factors?.length ?? 'no'} ${name} factors for its rotary embedding; expected ${plain.dims / 2}`)
  const ratio = read.number(key('factor', null), maxPositions / originalPositions)
  const usual = ratio <= 1 ? 1 : Math.sqrt(1 + Math.log(ratio) / Math.log(originalPositions))
  const magnitude = read.number(key('attention_factor', 'rope.scaling.attn_factor'), usual)
  return scaled(plain, { kind: 'factors', factors: factors!, magnitude }, longest)
}
