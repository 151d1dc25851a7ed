/**
 * Values of a request that are the client's own JSON: passed on as they are, by reference, since a copy would lose the
 * order of members whose names are numbers.
 */
import * as z from 'zod'
import { asRecord } from '../common/record.js'

export const anyObject = z
  .unknown()
  .check((context) => {
    if (!asRecord(context.value))
      context.issues.push({ code: 'invalid_type', expected: 'object', input: context.value })
  })
  .transform((value) => value as Record<string, unknown>)
  .meta({ type: 'object' })

/** An object, or true or false for all or nothing. */
export const anySchema = z
  .unknown()
  .check((context) => {
    if (!asRecord(context.value) && typeof context.value !== 'boolean')
      context.issues.push({ code: 'custom', message: 'must be a JSON schema', input: context.value })
  })
  .transform((value) => value as Record<string, unknown> | boolean)
  .meta({ type: ['object', 'boolean'] })
