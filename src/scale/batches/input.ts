/** A batch's input file, checked whole before anything runs: where each request lies, and in which order they run. */
import type { BatchEndpoint, BatchFault } from './batch-object.js'
import { linesOf } from './lines.js'
import { isFault, MOST_LINE_BYTES, prefixOf, requestOf, type RequestLine } from './request-line.js'

export const MOST_REQUESTS = 50_000
/** Faults that are told of one file. */
const MOST_FAULTS = 100

/** Where a request lies in the input file. */
export interface Place {
  customId: string
  number: number
  offset: number
  bytes: number
}

export interface Input {
  /** In the order they are run: by what their prompts begin with. */
  places: Place[]
  /** Model that all requests name; null where they differ or name none. */
  model: string | null
  faults: BatchFault[]
}

/** An input file and how it is read. */
export interface InputFile {
  /** The file's bytes from a place on. */
  read(from: number): AsyncIterable<Uint8Array>
  /** The endpoint that all requests have; null: each its own. */
  endpoint: BatchEndpoint | null
  /** Reads one JSON text, at once or later. */
  parse(text: string): unknown
}

/** Reads the whole file. */
export async function readInput({ read, endpoint, parse }: InputFile): Promise<Input> {
  const found: { place: Place; prefix: string }[] = []
  const lineOf = new Map<string, number>()
  const models = new Set<unknown>()
  const faults: BatchFault[] = []
  for await (const line of linesOf(read(0), MOST_LINE_BYTES)) {
    const request = await requestOf(line, endpoint, parse)
    const fault = isFault(request) ? request : twice(request, line.number, lineOf)
    if (fault && faults.length < MOST_FAULTS) faults.push(fault)
    if (isFault(request) || fault) continue
    lineOf.set(request.customId, line.number)
    models.add(request.body.model)
    const { number, offset, bytes } = line
    found.push({ place: { customId: request.customId, number, offset, bytes }, prefix: prefixOf(request) })
    if (found.length > MOST_REQUESTS) break
  }
  if (found.length > MOST_REQUESTS)
    faults.unshift(ofFile('too_many_requests', `a batch has at most ${MOST_REQUESTS} requests`))
  if (found.length === 0 && faults.length === 0) faults.push(ofFile('empty_file', 'the input file has no requests'))
  found.sort((a, b) => (a.prefix < b.prefix ? -1 : a.prefix > b.prefix ? 1 : a.place.number - b.place.number))
  const [model] = models
  return {
    places: found.map(({ place }) => place),
    model: models.size === 1 && typeof model === 'string' ? model : null,
    faults,
  }
}

/** One request of an input that was found in order. */
export async function readRequest({ read, endpoint, parse }: InputFile, place: Place): Promise<RequestLine> {
  for await (const line of linesOf(read(place.offset), MOST_LINE_BYTES)) {
    const request = await requestOf(line, endpoint, parse)
    if (!isFault(request) && request.customId === place.customId) return request
    break
  }
  throw new Error(`the input file is no longer what it was: line ${place.number} has changed`)
}

function twice({ customId }: RequestLine, number: number, lineOf: ReadonlyMap<string, number>): BatchFault | null {
  const before = lineOf.get(customId)
  if (before === undefined) return null
  const shown = JSON.stringify(customId.slice(0, 100))
  return {
    code: 'duplicate_custom_id',
    message: `custom_id ${shown} is line ${before}'s already; give each request its own`,
    line: number,
    param: 'custom_id',
  }
}

const ofFile = (code: string, message: string): BatchFault => ({ code, message, line: null, param: null })
