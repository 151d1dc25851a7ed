/** What a way of writing calls is made of, and what is asked of it. */

/** Texts around names and arguments, as a template wrote two made-up calls. */
export interface CallTexts {
  open: string
  middle: string
  /** Null: one call at most. */
  next: string | null
  close: string
}

/** A family's way of writing calls. */
export interface FormatKind {
  readonly name: string
  /** Special tokens that belong to it: in calls their spellings are text. */
  readonly marks: readonly string[]
  /** Texts that the model may put ahead of its first call. */
  readonly leads: readonly string[]
  /** Whether calls have ids of nine letters and digits in the prompt. */
  readonly shortIds: boolean
  /** The texts, without what is not the same in every call; null where the template writes calls otherwise. */
  read(texts: CallTexts): CallTexts | null
}
