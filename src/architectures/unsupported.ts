/** Families that people have and this release cannot run: what they are made of, and what would do instead. */

const EXPERTS = 'it chooses among experts'
const RECURRENT = 'it has recurrent layers'
const SIGHT = 'it reads images'

/** By `model_type` and by GGUF architecture. */
const FAMILIES: Readonly<Record<string, readonly [what: string, instead: string]>> = {
  mixtral: [EXPERTS, 'a dense Mistral 7B or Nemo'],
  qwen2_moe: [EXPERTS, 'a dense Qwen 2.5'],
  qwen2moe: [EXPERTS, 'a dense Qwen 2.5'],
  qwen3_moe: [EXPERTS, 'a dense Qwen 3'],
  qwen3moe: [EXPERTS, 'a dense Qwen 3'],
  qwen3_next: [RECURRENT, 'a dense Qwen 3'],
  qwen3next: [RECURRENT, 'a dense Qwen 3'],
  gpt_oss: [EXPERTS, 'a dense Qwen 3'],
  'gpt-oss': [EXPERTS, 'a dense Qwen 3'],
  llama4: [EXPERTS, 'Llama 3.1 to 3.3'],
  deepseek_v2: [EXPERTS, 'one of its distillations into Qwen 2.5 or Llama'],
  deepseek_v3: [EXPERTS, 'one of its distillations into Qwen 2.5 or Llama'],
  deepseek2: [EXPERTS, 'one of its distillations into Qwen 2.5 or Llama'],
  phimoe: [EXPERTS, 'Phi-3.5-mini or Phi-4'],
  olmoe: [EXPERTS, 'OLMo 2'],
  granitemoe: [EXPERTS, 'a dense Granite 3'],
  granitemoehybrid: [RECURRENT, 'a dense Granite 3'],
  granitehybrid: [RECURRENT, 'a dense Granite 3'],
  mamba: [RECURRENT, 'SmolLM2 or Qwen 3'],
  mamba2: [RECURRENT, 'SmolLM2 or Qwen 3'],
  jamba: [RECURRENT, 'Mistral'],
  recurrent_gemma: [RECURRENT, 'Gemma 2 or Gemma 3'],
  rwkv6: [RECURRENT, 'SmolLM2 or Qwen 3'],
  rwkv7: [RECURRENT, 'SmolLM2 or Qwen 3'],
  gemma3n: ['its layers share K/V and read embeddings of their own', 'Gemma 3'],
  llava: [SIGHT, 'the language model it was made from'],
  mllama: [SIGHT, 'Llama 3.1 or 3.2 for text'],
  mistral3: [SIGHT, 'a Mistral for text'],
  qwen2_vl: [SIGHT, 'Qwen 2.5'],
  qwen2vl: [SIGHT, 'Qwen 2.5'],
  qwen2_5_vl: [SIGHT, 'Qwen 2.5'],
  qwen3_vl: [SIGHT, 'Qwen 3'],
  qwen3vl: [SIGHT, 'Qwen 3'],
  phi4mm: [SIGHT, 'Phi-4-mini'],
}

/** What an error says after the name of a family; empty for one that is not listed here. */
export function unsupported(name: unknown): string {
  const found = typeof name === 'string' && Object.hasOwn(FAMILIES, name) ? FAMILIES[name] : null
  return found === null ? '' : `: ${found[0]}, which this release does not have; ${found[1]} would do`
}
