/**
 * Which layers of its target an EAGLE-3 head reads. Two ways to count are in use under one name: an id may mean what
 * goes into a layer (0: the embeddings) or what comes out of it. Here layer i means its output, and -1 the embeddings.
 */
import { ModelError } from '../spec/errors.js'

export interface LayerIds {
  /** The configuration's path. */
  path: string
  /** As it states them; null: the usual ones. */
  ids: readonly number[] | null
  /** How it counts, where that is known. */
  rule: 'input' | 'output' | null
}

/** Layers read, and by which rule they were found. Throws `ModelError` for ids of either rule, or outside. */
export function layersRead(
  { path, ids, rule }: LayerIds,
  targetLayers: number,
): { layers: number[]; rule: 'input' | 'output' } {
  const refuse = (message: string): never => {
    throw new ModelError('model_invalid', path, `${path} ${message}`)
  }
  const usual = ids === null
  // Trainers' own code takes what goes into these where nothing is stated.
  const stated = ids ?? [2, Math.floor(targetLayers / 2), targetLayers - 3]
  if (stated.length === 0 || !stated.every(Number.isSafeInteger))
    refuse(`has [${stated.join(', ')}] as "eagle_aux_hidden_state_layer_ids"; expected whole numbers`)
  const found = usual ? 'input' : (rule ?? ruleOf(stated[0]))
  if (found === null)
    return refuse(
      `lists layers [${stated.join(', ')}], and files count layers in two ways: write "sequoia_layer_rule": "input" ` +
        'into it if they name what goes into a layer (vLLM, speculators), "output" if what comes out ' +
        '(SGLang, SpecForge)',
    )
  const layers = stated.map((id) => (found === 'input' ? id - 1 : id))
  const outside = layers.find((layer) => layer < -1 || layer >= targetLayers)
  if (outside !== undefined)
    refuse(
      `lists layers [${stated.join(', ')}] (${found} of a layer); the target has ${targetLayers}, so that this head ` +
        'is of another one',
    )
  return { layers, rule: found }
}

/** The usual first layer is 2 by what goes in, 1 by what comes out. */
function ruleOf(first: number): 'input' | 'output' | null {
  if (first === 2) return 'input'
  return first === 1 ? 'output' : null
}
