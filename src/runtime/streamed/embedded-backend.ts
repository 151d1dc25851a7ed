/**
 * A backend whose graph gets embeddings in place of tokens: their table stays on disk, and each pass reads the rows
 * that it needs.
 */
import type { Backend, Pass } from '../backend.js'
import type { ForwardInfo } from '../forward.js'
import { Embeddings } from './embeddings.js'
import type { EmbeddedModel } from './layout.js'
import { WatchedFile } from './watched-file.js'

/** Takes over the backend of `model`'s graph. Throws `ModelError` where the table is not what import wrote. */
export async function withEmbeddings(
  backend: Backend,
  model: EmbeddedModel,
  { vocab, hidden }: ForwardInfo,
): Promise<Backend> {
  const file = await WatchedFile.open(model.weights)
  const embeddings = await Embeddings.open(file, model.table, vocab, hidden).catch(async (error: unknown) => {
    await file.close()
    throw error
  })
  let rows = new Float32Array(0)
  return {
    kind: backend.kind,
    traits: backend.traits,
    inputNames: ['input_ids', ...backend.inputNames.filter((name) => name !== 'embedded')],
    outputNames: backend.outputNames,
    async run(pass: Pass) {
      const tokens = pass.inputs.find(({ name }) => name === 'input_ids')!.data as BigInt64Array
      const length = tokens.length * hidden
      if (rows.length < length) rows = new Float32Array(length)
      const data = rows.subarray(0, length)
      await embeddings.read(tokens, data)
      const others = pass.inputs.filter(({ name }) => name !== 'input_ids')
      await backend.run({
        ...pass,
        inputs: [...others, { name: 'embedded', type: 'float32', data, dims: [1, tokens.length, hidden] }],
      })
    },
    newCache: (shape, size) => backend.newCache(shape, size),
    dispose: async () => {
      await backend.dispose()
      await file.close()
    },
  }
}
