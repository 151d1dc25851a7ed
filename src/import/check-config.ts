/** Refuses checkpoints that the graph cannot express, before any work is done. */
import { canonicalTensors } from '../architectures/index.js'
import type { Checkpoint } from '../checkpoint/checkpoint.js'
import { ModelError } from '../spec/errors.js'
import { kvWidth } from '../spec/model-spec.js'

/** Throws `ModelError` naming the first value or tensor that does not fit. */
export function checkConfig(checkpoint: Checkpoint): void {
  const { spec, path } = checkpoint
  const refuse = (message: string): never => {
    throw new ModelError('model_invalid', path, `${checkpoint.name}: ${message}`)
  }
  const whole = (sizes: Record<string, number>): void => {
    for (const [name, value] of Object.entries(sizes)) {
      if (!Number.isInteger(value) || value < 1) refuse(`${name} is ${value}; expected a whole number of at least 1`)
    }
  }
  whole({ hidden: spec.hidden, vocab: spec.vocab, layers: spec.layers.length })
  spec.layers.forEach((layer, i) => {
    const { heads, kvHeads, headDim, rope } = layer.attention
    whole({ heads, kvHeads, headDim, inner: layer.mlp.inner })
    if (heads % kvHeads !== 0) refuse(`${heads} query heads cannot share ${kvHeads} K/V heads evenly`)
    if (rope !== null && (rope.dims % 2 !== 0 || rope.dims > headDim))
      refuse(`rotary embedding turns ${rope.dims} of ${headDim} values of a head; it needs pairs within a head`)
    if (kvWidth(layer) !== kvWidth(spec.layers[0]))
      refuse(
        `layer ${i} keeps ${kvWidth(layer)} values of K a token, layer 0 ${kvWidth(spec.layers[0])}; one is expected`,
      )
  })
  for (const { name, shape } of canonicalTensors(spec)) {
    if (!checkpoint.has(name)) refuse(`tensor ${name} is missing`)
    const found = checkpoint.shape(name)
    if (found.join() !== shape.join())
      refuse(`tensor ${name} is [${found.join(', ')}]; the configuration asks for [${shape.join(', ')}]`)
  }
}
