/**
 * Lists of token ids, and prompts that may be one: checked in one go for the first fault, since a schema of each entry
 * takes a hundred times as long.
 */
import * as z from 'zod'

/** Which of a list's entries is no token id, in zod's words; a list may have 100,000 of them. */
function badToken(list: readonly unknown[]): z.core.$ZodRawIssue | null {
  const at = list.findIndex((token) => !Number.isSafeInteger(token) || (token as number) < 0)
  if (at < 0) return null
  const input = list[at]
  const about = { origin: 'int' as const, inclusive: true, input, path: [at] }
  if (!Number.isInteger(input)) return { code: 'invalid_type', expected: 'int', input, path: [at] }
  return (input as number) < 0
    ? { code: 'too_small', minimum: 0, ...about }
    : { code: 'too_big', maximum: Number.MAX_SAFE_INTEGER, ...about }
}

const PROMPT_FORMS = 'must be one text (a string, or a list of one string) or one list of token ids'

/** A list of token ids, at least so many and at most so many. */
export const tokenIds = (least = 0, most?: number) =>
  z
    .unknown()
    .check((context) => {
      const { value, issues } = context
      if (!Array.isArray(value)) issues.push({ code: 'invalid_type', expected: 'array', input: value })
      else if (value.length < least)
        issues.push({ code: 'too_small', origin: 'array', minimum: least, inclusive: true, input: value })
      else if (most !== undefined && value.length > most)
        issues.push({ code: 'too_big', origin: 'array', maximum: most, inclusive: true, input: value })
      else {
        const issue = badToken(value)
        if (issue) issues.push(issue)
      }
    })
    .transform((value) => value as number[])
    .meta(tokenList(least, most))

const tokenList = (least: number, most?: number): Record<string, unknown> => ({
  type: 'array',
  items: { type: 'integer', minimum: 0, maximum: Number.MAX_SAFE_INTEGER },
  ...(least > 0 && { minItems: least }),
  ...(most !== undefined && { maxItems: most }),
})

/** A raw prompt: one text, by itself or in a list, or token ids. */
export const rawPrompt = z
  .unknown()
  .check(({ value, issues }) => {
    const isText =
      typeof value === 'string' || (Array.isArray(value) && value.length === 1 && typeof value[0] === 'string')
    if (isText) return
    const isTokens = Array.isArray(value) && value.length > 0 && typeof value[0] === 'number'
    const issue = isTokens ? badToken(value) : { code: 'custom' as const, message: PROMPT_FORMS, input: value }
    if (issue) issues.push(issue)
  })
  .transform((value) => value as string | [string] | number[])
  .meta({
    anyOf: [{ type: 'string' }, { type: 'array', items: { type: 'string' }, minItems: 1, maxItems: 1 }, tokenList(1)],
  })
