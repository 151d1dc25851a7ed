/**
 * Holds a request body against a schema and the lists of `request-fields.ts`; the first fault becomes a 400 that names
 * its field.
 */
import * as z from 'zod'
import { show } from '../spec/show.js'
import { ApiError } from './api-error.js'
import { acceptedWithoutEffect, type RefusedFields } from './request-fields.js'
import { shortened, wireFields } from './wire-body.js'

/**
 * Returns the honoured fields of `body`. Throws `ApiError` 400 with `param` for an unknown field, one that is refused,
 * or a value out of range; and what `wireFields` throws.
 */
export function validate<T>(schema: z.ZodType<T>, refused: RefusedFields, body: unknown): T {
  const honoured = Object.entries(wireFields(body)).filter(([field, value]) => {
    if (acceptedWithoutEffect.has(field)) return false
    if (!Object.hasOwn(refused, field) || refused[field].asksNothing(value)) return !Object.hasOwn(refused, field)
    throw new ApiError(
      400,
      'unsupported_parameter',
      `${field} is not supported: ${refused[field].why}. Got ${show(value)}; leave it out`,
      field,
    )
  })
  const result = schema.safeParse(Object.fromEntries(honoured), { error: messageOf, reportInput: true })
  if (result.success) return result.data
  const { code, message, param } = toFault(result.error.issues[0], [], body)
  throw new ApiError(400, code, message, param)
}

/** What is wrong with a value; the message begins with `param`, where it is, unless the field is unknown. */
export interface Fault {
  code: 'invalid_type' | 'invalid_value' | 'unknown_parameter'
  message: string
  param: string
}

/** The first thing that a schema finds wrong with a value, or null. */
export function firstFault(schema: z.ZodType, value: unknown): Fault | null {
  const result = schema.safeParse(value, { error: messageOf, reportInput: true })
  return result.success ? null : toFault(result.error.issues[0], [], value)
}

/** `given`: all that was checked, as it came. */
function toFault(issue: z.core.$ZodIssue, before: readonly PropertyKey[], given: unknown): Fault {
  const path = [...before, ...issue.path]
  if (issue.code === 'invalid_union') {
    const inside = innermost(issue.errors)
    if (inside) return toFault(inside, path, given)
  }
  if (issue.code === 'unrecognized_keys') {
    const param = shortened(spell([...path, issue.keys[0]]))
    return { code: 'unknown_parameter', message: `unknown field ${param}; check its spelling or leave it out`, param }
  }
  const param = shortened(spell(path))
  const got = issue.input === undefined ? 'nothing' : show(valueAt(given, path))
  return {
    code: issue.code === 'invalid_type' ? 'invalid_type' : 'invalid_value',
    message: `${param} ${issue.message}; got ${got}`,
    param,
  }
}

/**
 * The fault inside the value, if all other forms were ruled out by the value's type: then it was this form that was
 * meant.
 */
function innermost(branches: readonly z.core.$ZodIssue[][]): z.core.$ZodIssue | undefined {
  const faults = branches
    .map((branch) => branch[0])
    .filter((issue) => issue.path.length > 0 || issue.code !== 'invalid_type')
  return faults.length === 1 && faults[0].path.length > 0 ? faults[0] : undefined
}

function messageOf(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      return `must be ${article(issue.expected)}`
    case 'invalid_value':
      return `must be ${issue.values.map((value) => JSON.stringify(value)).join(' or ')}`
    case 'too_small':
      return issue.origin === 'string' || issue.origin === 'array'
        ? 'must not be empty'
        : `must be ${issue.inclusive ? 'at least' : 'above'} ${issue.minimum}`
    case 'too_big':
      return issue.origin === 'string' || issue.origin === 'array'
        ? `must have at most ${issue.maximum} entries`
        : `must be at most ${issue.maximum}`
    default:
      return undefined
  }
}

function article(type: string): string {
  if (type === 'int') return 'a whole number'
  if (type === 'array') return 'a list'
  return /^[aeio]/.test(type) ? `an ${type}` : `a ${type}`
}

/** `['messages', 0, 'role']` -> `messages[0].role`. */
function spell(path: readonly PropertyKey[]): string {
  return path.reduce<string>(
    (text, key) => (typeof key === 'number' ? `${text}[${key}]` : text ? `${text}.${String(key)}` : String(key)),
    '',
  )
}

/** With the digits it was sent with. */
function valueAt(given: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((value, key) => (value as Record<PropertyKey, unknown> | undefined)?.[key], given)
}
