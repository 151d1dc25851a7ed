/** The flags that `serve` and `generate` share, and opening an engine by them. */
import { openEngine } from '../open/index.js'
import type { Engine, EngineOptions } from '../api/types.js'
import { remark, type OnProgress } from '../common/progress.js'
import { PullError } from '../spec/errors.js'
import { formats, usualFormat } from '../formats/index.js'
import type { DeviceAddress } from '../runtime/binding/device.js'
import { deviceAddress } from '../open/choose-device.js'
import { KV_FORMATS } from '../spec/manifest.js'
import { AUTO } from '../open/check-options.js'
import { memorySize } from '../open/budget/size-text.js'
import { progressDisplay } from './progress-bars.js'
import { integer, jsonObject, oneOf, text, yesNo, type Flag, type Values } from './flags.js'

/** What runs when nobody names a model. */
export const DEFAULT_MODEL = 'smollm2-135m'
/** Part of the package. */
const TOY = 'micro'

export const engineFlags = {
  model: text('M', `a known name, a .gguf file or a checkpoint folder (default ${DEFAULT_MODEL})`),
  draft: text('D', 'auto, none, ngram, or a draft model by name or path (default auto)'),
  format: oneOf(
    [AUTO, ...formats.keys()],
    `weights and activations of the model passes (default ${AUTO}: most often ${usualFormat('cpu').name}, on cuda ` +
      `${usualFormat('cuda').name})`,
  ),
  kv: oneOf(KV_FORMATS, 'how K is kept of every token; f16 takes three fifths of the memory (default f32)'),
  device: {
    takes: 'cpu|cuda[:N]|auto',
    help:
      'where the model computes: a GPU holds it as a whole, or gets its layers one by one where --memory is given ' +
      '(default cpu)',
    read: (given, name): DeviceAddress | 'auto' => (given === 'auto' ? given : deviceAddress(name, given)),
  } satisfies Flag<DeviceAddress | 'auto'>,
  'device-memory': {
    takes: 'SIZE',
    help: "most of a GPU's memory that the model may take (default: nine tenths of what is free)",
    read: (given, name) => memorySize(name, given),
  } satisfies Flag<number>,
  'cuda-graphs': yesNo('replay passes of a model that a GPU holds as a whole, as CUDA graphs (default false)'),
  'tool-prompt': oneOf(
    ['template', 'generic'],
    'who tells the model of tools: its chat template, or the system turn (default template)',
  ),
  'chat-template-kwargs': jsonObject(
    'values that the chat template reads, as {"enable_thinking": false} (default: none)',
  ),
  'sampling-defaults': oneOf(
    ['model', 'none'],
    "how tokens are chosen where nothing is said: as the model's files have it, or alike for all (default model)",
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
 * Opens what the flags ask for; progress goes to standard error unless `more` says where. `orToy`: where no model was
 * named and no network could be reached for the default, says why and opens the built-in micro pair. Throws what
 * `openEngine` throws.
 */
export async function openByFlags(
  values: Values<typeof engineFlags>,
  more: Partial<EngineOptions> = {},
  { orToy = false } = {},
): Promise<Engine> {
  const options = { ...optionsOf(values), ...more }
  const display = progressDisplay()
  try {
    return await openFirst({ onProgress: display.onProgress, ...options }, values.model, orToy)
  } finally {
    display.end()
  }
}

/** What the flags say of an engine, its target left out. */
export function optionsOf(values: Values<typeof engineFlags>): Omit<EngineOptions, 'target'> {
  return {
    draft: values.draft,
    format: values.format,
    kv: values.kv,
    device: values.device,
    deviceMemory: values['device-memory'],
    cudaGraphs: values['cuda-graphs'],
    toolPrompt: values['tool-prompt'],
    chatTemplateKwargs: values['chat-template-kwargs'],
    samplingDefaults: values['sampling-defaults'],
    runtime: values.runtime,
    threads: values.threads,
    memory: values.memory,
    maxContext: values['max-context'],
  }
}

/** Opens `model`; where that is undefined, the default, or the toy in its place where that may be. */
async function openFirst(
  options: Omit<EngineOptions, 'target'> & { onProgress: OnProgress },
  model: string | undefined,
  orToy: boolean,
): Promise<Engine> {
  try {
    return await openEngine({ ...options, target: model ?? DEFAULT_MODEL })
  } catch (error) {
    const isOffline = error instanceof PullError && error.offline
    if (model !== undefined || !orToy || !isOffline) throw error
    options.onProgress(remark(`The pull failed: ${error.message}`))
    options.onProgress(
      remark(
        `No network could be reached. Running the built-in ${TOY} pair instead: ` +
          'a toy that shows the decoding, not good answers.',
      ),
    )
    return openEngine({ ...options, target: TOY })
  }
}
