/** Batches as `/v1/batches` shows them. */

/** The endpoints a batch may have, and what we call each. */
export const BATCH_ENDPOINTS = {
  '/v1/chat/completions': 'chat',
  '/v1/completions': 'completions',
  '/v1/responses': 'responses',
} as const
export type BatchEndpoint = keyof typeof BATCH_ENDPOINTS

export type BatchStatus =
  | 'validating'
  | 'failed'
  | 'in_progress'
  | 'finalizing'
  | 'completed'
  | 'expired'
  | 'cancelling'
  | 'cancelled'

/** States from which nothing follows. */
const ENDED: ReadonlySet<BatchStatus> = new Set(['failed', 'completed', 'expired', 'cancelled'])

export const isEnded = ({ status }: Batch): boolean => ENDED.has(status)

/** A fault of the whole input file. */
export interface BatchFault {
  code: string
  message: string
  /** From 1; null where it is no line's. */
  line: number | null
  param: string | null
}

export interface BatchUsage {
  input_tokens: number
  input_tokens_details: { cached_tokens: number }
  output_tokens: number
  output_tokens_details: { reasoning_tokens: number }
  total_tokens: number
}

type Stamp = `${'in_progress' | 'finalizing' | 'completed' | 'failed' | 'expired' | 'cancelling' | 'cancelled'}_at`

/** OpenAI's object; times in seconds since 1970, null for what has not happened. */
export interface Batch extends Record<Stamp, number | null> {
  id: string
  object: 'batch'
  endpoint: BatchEndpoint
  model: string | null
  errors: { object: 'list'; data: BatchFault[] } | null
  input_file_id: string
  completion_window: '24h'
  status: BatchStatus
  output_file_id: string | null
  error_file_id: string | null
  created_at: number
  expires_at: number
  request_counts: { total: number; completed: number; failed: number }
  usage: BatchUsage
  metadata: Record<string, string> | null
}

export interface NewBatch {
  endpoint: BatchEndpoint
  inputFileId: string
  metadata: Record<string, string> | null
}

const DAY_SECONDS = 24 * 3600

export function newBatch(id: string, nowMs: number, { endpoint, inputFileId, metadata }: NewBatch): Batch {
  const createdAt = Math.floor(nowMs / 1000)
  return {
    id,
    object: 'batch',
    endpoint,
    model: null,
    errors: null,
    input_file_id: inputFileId,
    completion_window: '24h',
    status: 'validating',
    output_file_id: null,
    error_file_id: null,
    created_at: createdAt,
    in_progress_at: null,
    expires_at: createdAt + DAY_SECONDS,
    finalizing_at: null,
    completed_at: null,
    failed_at: null,
    expired_at: null,
    cancelling_at: null,
    cancelled_at: null,
    request_counts: { total: 0, completed: 0, failed: 0 },
    usage: noUsage(),
    metadata,
  }
}

export function noUsage(): BatchUsage {
  return {
    input_tokens: 0,
    input_tokens_details: { cached_tokens: 0 },
    output_tokens: 0,
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens: 0,
  }
}
