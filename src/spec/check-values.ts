/**
 * Checks of single values at the border; each throws `InvalidArgumentError` with the field, the range and what was
 * given.
 */
import { InvalidArgumentError } from './errors.js'
import { show } from './show.js'

export { show, showNames } from './show.js'

export function integer(param: string, value: unknown, least: number, most: number): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < least || value > most) {
    throw new InvalidArgumentError(
      param,
      `${param} must be a whole number from ${least} to ${most}; got ${show(value)}`,
    )
  }
  return value
}

export function real(param: string, value: unknown, least: number, most: number): number {
  if (typeof value !== 'number' || !(value >= least && value <= most)) {
    throw new InvalidArgumentError(param, `${param} must be a number from ${least} to ${most}; got ${show(value)}`)
  }
  return value
}

export function positive(param: string, value: unknown, most: number): number {
  if (typeof value !== 'number' || !(value > 0 && value <= most)) {
    throw new InvalidArgumentError(param, `${param} must be a number above 0 and at most ${most}; got ${show(value)}`)
  }
  return value
}

export function flag(param: string, value: unknown): boolean {
  if (typeof value !== 'boolean')
    throw new InvalidArgumentError(param, `${param} must be true or false; got ${show(value)}`)
  return value
}
