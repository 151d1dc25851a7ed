/** The models that an engine's options name, pulled and imported. */
import { InvalidArgumentError } from '../spec/errors.js'
import { featureBasis, formatNamed, formatsThat } from '../formats/index.js'
import { headOf, heads } from '../heads/index.js'
import type { ImportedModel } from '../import/index.js'
import { resolveSource } from '../import/resolve-source.js'
import { draftChoice, type DraftChoice } from './draft-choice.js'
import { openDraft, openModel, type OpenedModel } from './open-model.js'
import type { CheckedOptions } from './options.js'

export interface OpenedModels {
  choice: DraftChoice
  model: OpenedModel
  draftModel: ImportedModel | null
}

/** Throws `InvalidArgumentError` for a draft that does not go with the format, `ModelError` naming the file. */
export async function openModels(options: CheckedOptions): Promise<OpenedModels> {
  const choice = draftChoice(options)
  const head = choice.kind === 'model' ? await headOf(await resolveSource(choice.source, options), heads) : null
  const readsFeatures = head !== null
  if (readsFeatures && featureBasis(formatNamed(options.format)) !== 'rotated') {
    const fitting = formatsThat((format) => featureBasis(format) === 'rotated').join(' or ')
    throw new InvalidArgumentError(
      'draft',
      `draft "${options.draft}" reads features of the target in format ${fitting}; this engine opens it in ` +
        `${options.format}: leave format out, or use draft "ngram"`,
    )
  }
  const model = await openModel(options.target, options, readsFeatures)
  return { choice, model, draftModel: choice.kind === 'model' ? await openDraft(choice.source, model, options) : null }
}
