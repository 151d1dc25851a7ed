/** Writes folders of tiny EAGLE-3 heads for a target of 8 wide layers and 16 tokens, to be spoilt by tests. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { shardBytes } from './checkpoint-folder.js'
import { tempFolder } from './temp-folder.js'

export interface Eagle3Parts {
  config: Record<string, unknown>
  /** Shapes of float tensors, of zeros but for norms. */
  floats: Record<string, number[]>
  /** Whole numbers. */
  d2t: number[] | null
  t2d: number[] | null
}

/** Hidden 8, 2 heads of 4, 1 K/V head, MLP of 12, a head over tokens 1, 5 and 15. */
function parts(): Eagle3Parts {
  return {
    config: {
      architectures: ['LlamaForCausalLMEagle3'],
      model_type: 'llama',
      hidden_size: 8,
      intermediate_size: 12,
      num_hidden_layers: 1,
      num_attention_heads: 2,
      num_key_value_heads: 1,
      rms_norm_eps: 1e-5,
      vocab_size: 16,
      draft_vocab_size: 3,
    },
    floats: {
      'fc.weight': [8, 24],
      'norm.weight': [8],
      'midlayer.input_layernorm.weight': [8],
      'midlayer.hidden_norm.weight': [8],
      'midlayer.self_attn.q_proj.weight': [8, 16],
      'midlayer.self_attn.k_proj.weight': [4, 16],
      'midlayer.self_attn.v_proj.weight': [4, 16],
      'midlayer.self_attn.o_proj.weight': [8, 8],
      'midlayer.post_attention_layernorm.weight': [8],
      'midlayer.mlp.gate_proj.weight': [12, 8],
      'midlayer.mlp.up_proj.weight': [12, 8],
      'midlayer.mlp.down_proj.weight': [8, 12],
      'lm_head.weight': [3, 8],
    },
    d2t: [1, 4, 13],
    t2d: Array.from({ length: 16 }, (_, token) => Number([1, 5, 15].includes(token))),
  }
}

let root: string | undefined
let count = 0

export function eagle3Folder(change: (parts: Eagle3Parts) => void = () => undefined): string {
  root ??= tempFolder()
  const made = parts()
  change(made)
  const dir = join(root, `head${count++}`)
  mkdirSync(dir)
  writeFileSync(join(dir, 'config.json'), JSON.stringify(made.config))
  const floats = Object.entries(made.floats).map(([name, shape]) => {
    const values = new Float32Array(shape.reduce((product, size) => product * size, 1)).fill(shape.length === 1 ? 1 : 0)
    return { name, dtype: 'F32', shape, data: new Uint8Array(values.buffer) }
  })
  const whole = made.d2t && new Uint8Array(BigInt64Array.from(made.d2t, BigInt).buffer)
  const d2t = whole ? [{ name: 'd2t', dtype: 'I64', shape: [made.d2t!.length], data: whole }] : []
  const marks = made.t2d && Uint8Array.from(made.t2d)
  const t2d = marks ? [{ name: 't2d', dtype: 'BOOL', shape: [marks.length], data: marks }] : []
  writeFileSync(join(dir, 'model.safetensors'), shardBytes([...floats, ...d2t, ...t2d]))
  return dir
}
