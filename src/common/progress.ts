/** How far something is that takes long: a first opening of a model, a pull, an import, timing of passes. */

/** What is going on. `note`: something to know, such as terms of use. */
export type ProgressStage = 'pull' | 'import' | 'calibrate' | 'answer' | 'note'

/** One word on how far something is. */
export interface Progress {
  stage: ProgressStage
  /** What is worked on, in words: the same text as long as the same work goes on. */
  text: string
  /** Which part of it is begun or done. */
  part?: string
  /** How much of `total` is done; both 0 where nothing is counted. Bytes of a pull, parts of anything else. */
  done: number
  total: number
}

/** Called often: for every piece that a pull receives. */
export type OnProgress = (progress: Progress) => void

/** Something to know, or work that is not counted. */
export function remark(text: string, stage: ProgressStage = 'note'): Progress {
  return { stage, text, done: 0, total: 0 }
}
