/**
 * An EAGLE-3 head's folder: `config.json` and its weights. Trainers name the same tensors in three ways; here they go
 * by one: `fc`, `norm`, `lm_head`, `layers.0.self_attn.q_proj` and so on.
 */
import { layerTensors, plainSpec } from '../architectures/index.js'
import type { RawFolder } from '../checkpoint/raw.js'
import { openFolder } from '../checkpoint/safetensors/index.js'
import { ModelError } from '../spec/errors.js'
import type { LayerSpec, LinearRole, ModelSpec, Norm } from '../spec/model-spec.js'
import { readEagle3Config, type Eagle3Config } from './eagle3-config.js'

export interface Eagle3File {
  readonly name: string
  readonly path: string
  readonly sha256: string
  readonly license: string | null
  readonly config: Eagle3Config
  /** Its layers; `vocab` and `maxPositions` are what the file states. */
  readonly spec: ModelSpec
  /** Columns of `fc`: the widths of all layers it reads. */
  readonly featureWidth: number
  /** Over the layers read, before `fc`. */
  readonly featureNorm: (Norm & { over: 'all' | 'each' }) | null
  /** Tokens of its head; null where it has none and takes the target's. */
  readonly headTokens: number | null
  has(name: string): boolean
  shape(name: string): readonly number[]
  /** float32, row-major. */
  read(name: string): Promise<Float32Array>
  close(): Promise<void>
}

/** Throws `ModelError`: `model_not_found`, or `model_invalid` naming the tensor or key. */
export async function openEagle3(path: string): Promise<Eagle3File> {
  const raw = await openFolder(path)
  try {
    return await describe(raw)
  } catch (error) {
    await raw.close()
    throw error
  }
}

async function describe(raw: RawFolder): Promise<Eagle3File> {
  const config = readEagle3Config(raw)
  const names = namesOf(raw)
  const shape = (name: string): readonly number[] | undefined => raw.tensors.get(names.get(name) ?? '')?.shape
  const spec = specOf(config, shape)
  const parts = { config, names, shape }
  const featureWidth = shape('fc.weight')?.[1] ?? 0
  const featureNorm = normOf(raw, parts)
  checkTensors(raw, parts, spec, featureWidth, featureNorm)
  return {
    name: raw.name,
    path: raw.path,
    sha256: await raw.hash(),
    license: raw.license,
    config,
    spec,
    featureWidth,
    featureNorm,
    headTokens: shape('lm_head.weight')?.[0] ?? null,
    has: (name) => names.has(name),
    shape: (name) => shape(name)!,
    read: (name) => raw.read(names.get(name) ?? name),
    close: () => raw.close(),
  }
}

interface Parts {
  config: Eagle3Config
  /** Our name of each tensor -> the file's. */
  names: ReadonlyMap<string, string>
  shape(name: string): readonly number[] | undefined
}

/** Tables that follow from the configuration, and what trainers keep of the target. */
const IDLE = /rotary_emb\.inv_freq$|^verifier_(norm|lm_head)\.weight$/

function namesOf({ path, tensors }: RawFolder): Map<string, string> {
  const names = new Map<string, string>()
  for (const name of tensors.keys()) {
    const ours = name.replace(/^model\./, '').replace(/^midlayer\./, 'layers.0.')
    if (IDLE.test(ours)) continue
    const other = names.get(ours)
    if (other !== undefined) throw invalid(path, `has both ${other} and ${name}, which are names of one tensor`)
    names.set(ours, name)
  }
  return names
}

/** Heads are as wide as `q_proj` says: configurations leave their width out, or have a wrong one. */
function specOf({ shape, rope }: Eagle3Config, found: Parts['shape']): ModelSpec {
  const rows = found('layers.0.self_attn.q_proj.weight')?.[0] ?? shape.heads * shape.headDim
  const headDim = rows % (2 * shape.heads) === 0 ? rows / shape.heads : shape.headDim
  const dims = rope.dims === shape.headDim ? headDim : rope.dims
  const plain = plainSpec({ ...shape, headDim, tied: false })
  const layers = plain.layers.map((layer, i): LayerSpec => {
    const tensor = (name: string): boolean => found(`layers.${i}.${name}`) !== undefined
    const biases: [LinearRole, string][] = [
      ['qkv', 'self_attn.q_proj'],
      ['o', 'self_attn.o_proj'],
      ['gateUp', 'mlp.gate_proj'],
      ['down', 'mlp.down_proj'],
    ]
    return {
      ...layer,
      norms: { ...layer.norms, attention: i === 0 ? null : layer.norms.attention },
      attention: {
        ...layer.attention,
        ...(i === 0 ? { reads: 2 * shape.hidden } : {}),
        qkNorm: tensor('self_attn.q_norm.weight') ? { epsilon: shape.epsilon, over: 'head' } : null,
        rope: { ...rope, dims },
      },
      biases: biases.flatMap(([role, name]) => (tensor(`${name}.bias`) ? [role] : [])),
    }
  })
  return { ...plain, layers, rotates: false }
}

function normOf({ path }: RawFolder, { config, names }: Parts): Eagle3File['featureNorm'] {
  const { epsilon } = config.shape
  const isOn = (stated: boolean | null, tensor: string, flag: string): boolean => {
    if (stated === false && names.has(tensor))
      throw invalid(path, `has tensor ${tensor}, and "${flag}": false in its config.json; one of them is wrong`)
    return stated ?? names.has(tensor)
  }
  const all = isOn(config.featureNorm.all, 'input_norm.weight', 'norm_before_fc')
  const each = isOn(config.featureNorm.each, 'fc_norm.0.weight', 'fc_norm')
  if (all && each) throw invalid(path, 'has both "norm_before_fc" and "fc_norm"; a head has one of them')
  return all ? { epsilon, over: 'all' } : each ? { epsilon, over: 'each' } : null
}

function checkTensors(
  { path, tensors }: RawFolder,
  { config, names, shape }: Parts,
  spec: ModelSpec,
  featureWidth: number,
  featureNorm: Eagle3File['featureNorm'],
): void {
  const { hidden } = spec
  const taps = config.layerIds.ids?.length ?? 3
  const tokens = shape('lm_head.weight')?.[0]
  const optional = new Map<string, (number | null)[]>([
    ['embed_tokens.weight', [null, hidden]],
    ['lm_head.weight', [config.draftVocab, hidden]],
    ['d2t', [tokens ?? config.draftVocab]],
    ['t2d', [null]],
  ])
  const needed = new Map<string, (number | null)[]>([
    ['fc.weight', [hidden, null]],
    ['norm.weight', [hidden]],
    ['layers.0.input_layernorm.weight', [hidden]],
    ['layers.0.hidden_norm.weight', [hidden]],
    ...spec.layers.flatMap((layer, i) =>
      layerTensors(layer).map((tensor): [string, number[]] => [`layers.${i}.${tensor.name}`, [...tensor.shape]]),
    ),
    ...(featureNorm?.over === 'all' ? [['input_norm.weight', [featureWidth]] as [string, number[]]] : []),
    ...(featureNorm?.over === 'each'
      ? Array.from({ length: taps }, (_, i): [string, number[]] => [`fc_norm.${i}.weight`, [featureWidth / taps]])
      : []),
  ])
  for (const [name, expected] of [...needed, ...optional]) {
    const found = shape(name)
    if (!found && optional.has(name)) continue
    if (!found) throw invalid(path, `lacks tensor ${name} of an EAGLE-3 head; download it again`)
    if (found.length !== expected.length || found.some((size, i) => size !== (expected[i] ?? size)))
      throw invalid(
        path,
        `has tensor ${names.get(name)} as [${found.join(', ')}]; its config.json asks for ` +
          `[${expected.map((size) => size ?? 'any').join(', ')}]`,
      )
  }
  if (featureWidth % taps !== 0)
    throw invalid(path, `has tensor fc.weight of ${featureWidth} columns; expected a multiple of ${taps}, its layers`)
  for (const [ours, name] of names)
    if (!needed.has(ours) && !optional.has(ours))
      throw invalid(
        path,
        `has a tensor ${name} [${tensors.get(name)!.shape.join(', ')}], which an EAGLE-3 head of ` +
          `${spec.layers.length} layers with this configuration does not have; this variant is not supported`,
      )
}

function invalid(path: string, message: string): ModelError {
  return new ModelError('model_invalid', path, `${path} ${message}`)
}
