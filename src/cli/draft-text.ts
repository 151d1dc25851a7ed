/** Who guesses, for people: models that draft are often called "draft" themselves. */
export function draftText(draft: string): string {
  return draft === 'none' ? 'no draft' : `guesses by ${draft}`
}
