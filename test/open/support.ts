/** Models of this room's tests that nothing runs: a manifest, and options beside it. */
import { plainSpec } from '../../src/architectures/index.js'
import type { EngineOptions } from '../../src/api/types.js'
import type { OpenedModel } from '../../src/open/open-model.js'
import { checkOptions, type CheckedOptions } from '../../src/open/check-options.js'
import type { ModelManifest } from '../../src/spec/manifest.js'
import { randomShape } from '../support/random-llama.js'

/** Two layers of two K/V heads of 8 values: a token takes 2 * 16 * (4 + 4) bytes in fp32. */
export function modelWith(manifest: Partial<ModelManifest> = {}, dir = 'imported'): OpenedModel {
  return {
    name: 'tiny',
    source: 'tiny.gguf',
    dir,
    text: {
      dir,
      manifest: { files: { graph: '', single: '', weights: [], tokenizer: 'tokenizer.json' }, chatTemplate: null },
      toolPrompt: 'template',
      templateInput: {},
    },
    tokenizer: {} as OpenedModel['tokenizer'],
    template: null,
    manifest: {
      version: 1,
      name: 'tiny',
      format: 'fp32',
      integers: null,
      vType: 'float32',
      spec: plainSpec(randomShape),
      stopTokens: [0],
      bosToken: null,
      chatTemplate: null,
      tokenizerHash: 'hash',
      license: null,
      source: { path: 'tiny.gguf', sha256: 'sha' },
      files: { graph: 'graph.onnx', single: 'single.onnx', weights: ['weights.bin'], tokenizer: 'tokenizer.json' },
      checks: { 'weights.bin': { bytes: 1000, sha256: 'sha' } },
      hidden: null,
      features: { read: 0, written: 0 },
      ...manifest,
    },
  }
}

export const optionsWith = (given: Partial<EngineOptions> = {}): CheckedOptions =>
  checkOptions({ target: 'tiny.gguf', ...given })
