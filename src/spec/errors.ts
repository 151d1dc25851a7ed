/**
 * The product's error classes. Every error a caller can meet is a `SequoiaError` with a stable `code`;
 * the message says what was given, what was expected and how to mend it.
 */

/** What went wrong. `overloaded`, `unavailable` and `timeout` are worth another try later; the others are not. */
export type SequoiaErrorCode =
  | 'invalid_argument'
  | 'model_not_found'
  | 'model_invalid'
  | 'pull_failed'
  | 'storage_failed'
  | 'tokenizer_mismatch'
  | 'context_overflow'
  | 'runtime_failed'
  | 'unsupported'
  | 'overloaded'
  | 'unavailable'
  | 'timeout'
  | 'closed'

/** What an error may carry besides its message. */
export interface ErrorOptions {
  cause?: unknown
  /** What only whoever opens the engine can do about it; ends the message, but is not told to clients over HTTP. */
  forOwner?: string
  /** Seconds after which another try may go better. */
  retryAfterSeconds?: number
}

/** The class of every error that a caller can meet. Tell errors apart by `code`, which stays; messages may change. */
export class SequoiaError extends Error {
  readonly code: SequoiaErrorCode
  /** The message without what is for the engine's owner. */
  readonly forClient: string
  /** The end of the message that is for the engine's owner alone. */
  readonly forOwner: string | undefined
  /** Seconds after which another try may go better; undefined where nobody can tell. */
  readonly retryAfterSeconds: number | undefined
  constructor(code: SequoiaErrorCode, message: string, options: ErrorOptions = {}) {
    const { forOwner, retryAfterSeconds, ...rest } = options
    super(forOwner === undefined ? message : `${message}, or ${forOwner}`, rest)
    this.retryAfterSeconds = retryAfterSeconds
    this.name = new.target.name
    this.code = code
    this.forClient = message
    this.forOwner = forOwner
  }
}

/** A value the caller passed is wrong; `param` names it (`temperature`, `--nodes`, `messages[0].role`). */
export class InvalidArgumentError extends SequoiaError {
  readonly param: string
  constructor(param: string, message: string, options?: ErrorOptions) {
    super('invalid_argument', message, options)
    this.param = param
  }
}

/** A model file or folder is missing, truncated, corrupt or of a kind we do not read. */
export class ModelError extends SequoiaError {
  /** The file or folder at fault. */
  readonly path: string
  constructor(
    code: 'model_not_found' | 'model_invalid' | 'tokenizer_mismatch' | 'pull_failed',
    path: string,
    message: string,
    options?: { cause?: unknown },
  ) {
    super(code, message, options)
    this.path = path
  }
}

/** No source of a model delivered. */
export class PullError extends ModelError {
  /** No source could be reached at all: another try with a network may go better. */
  readonly offline: boolean
  constructor(path: string, message: string, { offline }: { offline: boolean }) {
    super('pull_failed', path, message)
    this.offline = offline
  }
}

/** A folder where models are kept cannot be written, or its disk is too full. */
export class StorageError extends SequoiaError {
  /** The file or folder that could not be written. */
  readonly path: string
  constructor(path: string, message: string, options?: { cause?: unknown }) {
    super('storage_failed', message, options)
    this.path = path
  }
}

/** ONNX Runtime refused or failed; the message carries its own words. */
export class RuntimeError extends SequoiaError {
  constructor(message: string, options?: { cause?: unknown }) {
    super('runtime_failed', message, options)
  }
}
