/** The drafters, by name. A drafter is a file of this folder and a line here. */
import { merged } from './merged.js'
import { model } from './model.js'
import { ngram } from './ngram.js'

export const drafters = [ngram, model, merged] as const

/** What a request may ask for by name where the engine has a draft model; without one, `ngram` alone. */
export type DrafterName = (typeof drafters)[number]['name']
