/** The flags that `serve` and `generate` share, and opening an engine by them. */
import { openEngine } from '../open/index.js'
import type { Engine, EngineOptions } from '../api/types.js'
import { ModelError } from '../spec/errors.js'
import { formats, usualFormat } from '../formats/index.js'
import { DEVICE_NAMES } from '../runtime/binding/device.js'
import { memorySize } from '../open/budget/size-text.js'
import { integer, oneOf, text, type Flag, type Values } from './flags.js'

/** What runs when nobody names a model: the first of these that can be had. The last is part of the package. */
const DEFAULT_MODELS = ['smollm2-135m', 'smollm2-135m-hf', 'micro']

export const engineFlags = {
  model: text('M', `a known name, a .gguf file or a checkpoint folder (default ${DEFAULT_MODELS[0]})`),
  draft: text('D', 'auto, none, ngram, or a draft model by name or path (default auto)'),
  format: oneOf(
    [...formats.keys()],
    `weights and activations of the model passes (default ${usualFormat('cpu').name}, on cuda ${usualFormat('cuda').name})`,
  ),
  device: oneOf(DEVICE_NAMES, 'where the model computes; cuda needs --memory (default cpu)'),
  'tool-prompt': oneOf(
    ['template', 'generic'],
    'who tells the model of tools: its chat template, or the system turn (default template)',
  ),
  runtime: oneOf(['auto', 'binding', 'portable'], 'how ONNX Runtime is called (default auto)'),
  threads: integer('N', 'threads of a model pass (default: the physical cores)', 1, 1024),
  memory: {
    takes: 'SIZE',
    help:
      'most that weights, K/V, draft and buffers may take, as 120MB or 2GB; ' +
      'what does not fit is read from disk for every pass (default: no limit)',
    read: (given, name) => memorySize(name, given),
  } satisfies Flag<number>,
  'max-context': integer('N', 'longest prompt and answer in tokens (default: what the model was trained for)', 2),
}

/**
 * Opens what the flags ask for; progress goes to standard error unless `more` says where. Where no model was named and
 * the default cannot be pulled, says why and opens the next best, in the end the built-in micro pair. Throws what
 * `openEngine` throws.
 */
export async function openByFlags(
  values: Values<typeof engineFlags>,
  more: Partial<EngineOptions> = {},
): Promise<Engine> {
  const options = {
    draft: values.draft,
    format: values.format,
    device: values.device,
    toolPrompt: values['tool-prompt'],
    runtime: values.runtime,
    threads: values.threads,
    memory: values.memory,
    maxContext: values['max-context'],
    onProgress: (line: string) => console.error(line),
    ...more,
  }
  const [...targets] = values.model === undefined ? DEFAULT_MODELS : [values.model]
  for (;;) {
    const target = targets.shift()!
    try {
      return await openEngine({ ...options, target })
    } catch (error) {
      if (targets.length === 0 || !(error instanceof ModelError) || error.code !== 'pull_failed') throw error
      options.onProgress(`The pull failed: ${error.message}`)
      options.onProgress(
        targets.length > 1
          ? `Trying ${targets[0]} instead.`
          : `Running the built-in ${targets[0]} pair instead: a toy that shows the decoding, not good answers.`,
      )
    }
  }
}
