/** How tokens are chosen where a request says nothing. */

/** Of repetition, and 1 over the least: logits stay finite. */
export const MOST_PENALTY = 100

/** What a model's own files state of it, in the names of a request's fields; what they do not state is left out. */
export interface SamplingDefaults {
  temperature?: number
  topP?: number
  topK?: number
  minP?: number
  repetitionPenalty?: number
}
