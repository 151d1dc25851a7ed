/** vLLM on the 7B shape with weights of its own making, where a Python here has it. */
import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { PlainShape } from '../../src/architectures/index.js'
import type { Part } from './kit.js'

const PATIENCE_MS = 150_000
const SCRIPT = join(import.meta.dirname, '../peers/vllm_shape.py')

export const vllm: Part = async ({ python, shapes, batches, tokens, record }) => {
  const folder = await mkdtemp(join(tmpdir(), 'sequoia-vllm-'))
  try {
    await writeFile(join(folder, 'config.json'), JSON.stringify(configOf(shapes['7b'])))
    const asked = [SCRIPT, folder, String(tokens.batch), batches.join(',')]
    const { stdout } = await promisify(execFile)(python, asked, { timeout: PATIENCE_MS, maxBuffer: 2 ** 26 })
    const lines = stdout.trim().split('\n')
    record('vllm', JSON.parse(lines[lines.length - 1]))
  } catch (error) {
    record('vllm', { leftOut: String(error).split('\n')[0] })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

function configOf(shape: PlainShape): object {
  return {
    architectures: ['LlamaForCausalLM'],
    model_type: 'llama',
    hidden_act: 'silu',
    hidden_size: shape.hidden,
    intermediate_size: shape.inner,
    num_hidden_layers: shape.layers,
    num_attention_heads: shape.heads,
    num_key_value_heads: shape.kvHeads,
    head_dim: shape.headDim,
    max_position_embeddings: shape.maxPositions,
    rms_norm_eps: shape.epsilon,
    rope_theta: shape.theta,
    vocab_size: shape.vocab,
    tie_word_embeddings: shape.tied,
    torch_dtype: 'float16',
    bos_token_id: 1,
    eos_token_id: 2,
  }
}
