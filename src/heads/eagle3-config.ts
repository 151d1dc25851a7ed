/**
 * The configuration of an EAGLE-3 head (arXiv 2503.01840), as its trainers write it: flat, like a Llama's, or nested,
 * as vLLM's speculators do.
 */
import {
  configReader,
  readPlainShape,
  readRope,
  requireDense,
  type ConfigReader,
  type Key,
  type PlainShape,
} from '../architectures/index.js'
import type { RawFolder } from '../checkpoint/raw.js'
import { asRecord } from '../common/record.js'
import type { RopeSpec } from '../spec/model-spec.js'
import type { LayerIds } from './eagle3-layers.js'

export interface Eagle3Config {
  /** `vocab` is that of the target as the file states it. */
  shape: PlainShape
  rope: RopeSpec
  layerIds: LayerIds
  /** Width of the target's layers, where it is stated. */
  targetHidden: number | null
  /** Tokens of its head, where they are stated. */
  draftVocab: number | null
  /** The residual begins with the normed feature, not with the feature. */
  normBeforeResidual: boolean
  /** What is fed back is normed as the head's input is. */
  normOutput: boolean
  /** Which norm stands before `fc`; null where the file's tensors say. */
  featureNorm: { all: boolean | null; each: boolean | null }
}

/** Values that a nested configuration leaves out where they are Llama's. */
const LLAMA = {
  hidden_size: 4096,
  intermediate_size: 11008,
  num_attention_heads: 32,
  num_hidden_layers: 32,
  vocab_size: 32000,
}

const key = (hf: string): Key => ({ hf, gguf: null })

/** Whether a `config.json` is that of an EAGLE-3 head. */
export function isEagle3(config: Record<string, unknown>): boolean {
  const { speculators_model_type: kind, architectures } = config
  if (kind !== undefined) return kind === 'eagle3'
  const names = Array.isArray(architectures) ? architectures.map(String) : []
  return names.some((name) => /eagle-?3/i.test(name)) || 'draft_vocab_size' in config || 'eagle_config' in config
}

/** Throws `ModelError` naming the key that is missing, of the wrong kind, or not supported. */
export function readEagle3Config(raw: RawFolder): Eagle3Config {
  const nested = asRecord(raw.config.transformer_layer_config)
  const read = configReader(raw)
  const layer = nested ? configReader({ ...raw, config: { ...LLAMA, ...nested } }) : read
  requireDense(layer)
  refuseOthers(read, layer)
  const shape = readPlainShape(layer)
  const { rope } = readRope(layer, shape)
  const optional = (name: string): number | null => (read.has(key(name)) ? read.count(key(name)) : null)
  const flag = (name: string): boolean | null => (read.has(key(name)) ? read.flag(key(name), false) : null)
  const ids = ['eagle_aux_hidden_state_layer_ids', 'eagle_config.eagle_aux_hidden_state_layer_ids']
  const stated = ids.find((name) => read.has(key(name)))
  return {
    shape,
    rope,
    layerIds: {
      path: `${raw.path}/config.json`,
      ids: stated === undefined ? null : read.numbers(key(stated)),
      rule: statedRule(read) ?? (nested ? 'input' : null),
    },
    targetHidden: optional('target_hidden_size'),
    draftVocab: optional('draft_vocab_size'),
    normBeforeResidual: flag('norm_before_residual') ?? false,
    normOutput: flag('norm_output') ?? false,
    featureNorm: { all: flag('norm_before_fc'), each: flag('fc_norm') },
  }
}

/** By a key of ours, for files whose layer ids could be of either rule. */
function statedRule(read: ConfigReader): LayerIds['rule'] {
  const name = 'sequoia_layer_rule'
  if (!read.has(key(name))) return null
  const rule = read.text(key(name))
  if (rule === 'input' || rule === 'output') return rule
  return read.refuse(`has "${rule}" as "${name}"; expected "input" or "output"`)
}

function refuseOthers(read: ConfigReader, layer: ConfigReader): void {
  if (!read.flag(key('eagle_config.use_aux_hidden_state'), true))
    read.refuse('has "use_aux_hidden_state": false; an EAGLE-3 head reads layers of its target: use one that does')
  const types = layer.has(key('layer_types')) ? layer.texts(key('layer_types')) : []
  const other = types.find((type) => type !== 'full_attention')
  if (other !== undefined) layer.refuse(`has a layer of type "${other}"; EAGLE-3 heads see all positions here`)
}
