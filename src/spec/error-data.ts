/** Errors as plain values, for those who are told of them in another thread or process. */
import { InvalidArgumentError, RuntimeError, SequoiaError, type SequoiaErrorCode } from './errors.js'

export interface ErrorData {
  /** Null: an error of no class of ours. */
  code: SequoiaErrorCode | null
  message: string
  param: string | null
  forOwner?: string
}

export function errorData(error: unknown): ErrorData {
  if (!(error instanceof SequoiaError))
    return { code: null, message: error instanceof Error ? error.message : String(error), param: null }
  const param = error instanceof InvalidArgumentError ? error.param : null
  return { code: error.code, message: error.forClient, param, forOwner: error.forOwner }
}

/** An error of ours again; one of no class of ours becomes a `RuntimeError`. */
export function errorOfData({ code, message, param, forOwner }: ErrorData): SequoiaError {
  if (code === null || code === 'runtime_failed') return new RuntimeError(message)
  return code === 'invalid_argument'
    ? new InvalidArgumentError(param ?? '', message, { forOwner })
    : new SequoiaError(code, message, { forOwner })
}
