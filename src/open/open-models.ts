/** The models that an engine's options name, pulled and imported. */
import { InvalidArgumentError } from '../spec/errors.js'
import { featureBasis, formatNamed, formatsThat } from '../formats/index.js'
import { ensureDraftImported, headOf, heads, type DraftHead } from '../heads/index.js'
import type { ImportedModel } from '../import/index.js'
import { resolveSource } from '../import/resolve-source.js'
import { draftChoice, type DraftChoice } from './draft-choice.js'
import { openDraft, openModel, type OpenedModel } from './open-model.js'
import type { CheckedOptions } from './check-options.js'

export interface OpenedModels {
  choice: DraftChoice
  model: OpenedModel
  draftModel: ImportedModel | null
}

/** Throws `InvalidArgumentError` for a draft that does not go with the format, `ModelError` naming the file. */
export async function openModels(
  options: CheckedOptions,
  choice: DraftChoice = draftChoice(options),
): Promise<OpenedModels> {
  if (choice.kind !== 'model') return { choice, model: await openModel(options.target, options), draftModel: null }
  const source = await resolveSource(choice.source, options)
  const head = await headOf(source, heads)
  if (!head) {
    const model = await openModel(options.target, options)
    return { choice, model, draftModel: await openDraft(source, model, options) }
  }
  requireBasis(head, choice.source, options)
  const file = await head.open(source)
  try {
    const model = await openModel(options.target, options, file)
    const { cacheDir, onProgress } = options
    const device = options.isWhole ? options.device : undefined
    return { choice, model, draftModel: await ensureDraftImported(file, model, { cacheDir, onProgress, device }) }
  } finally {
    await file.close()
  }
}

function requireBasis(head: DraftHead, draft: string, { format }: CheckedOptions): void {
  if (head.basis === null || featureBasis(formatNamed(format)) === head.basis) return
  const fitting = formatsThat((other) => featureBasis(other) === head.basis).join(' or ')
  throw new InvalidArgumentError(
    'draft',
    `draft "${draft}" reads features of the target in format ${fitting}; this engine opens it in ` +
      `${format}: leave format out, or use draft "ngram"`,
  )
}
