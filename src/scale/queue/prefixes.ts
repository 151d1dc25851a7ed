/**
 * Hashes of what a prompt begins with, for finding the worker that read such a beginning before: after each turn of a
 * conversation, or after each block of a text.
 */
import { createHash } from 'node:crypto'
import type { GenerateRequest } from '../../api/request.js'

/** Beginnings that are looked at; of long conversations the first turn and the last ones. */
const MOST_PREFIXES = 24
/** A shorter beginning is computed sooner than it is worth a choice. */
const LEAST_CHARACTERS = 200
const BLOCK_CHARACTERS = 500

/** Longest first; the session's own, where there is one, before all others. */
export function prefixesOf(request: GenerateRequest): string[] {
  const { session, messages, tools, prompt, promptTokens } = request
  const pieces = messages
    ? [JSON.stringify(tools ?? []), ...messages.map((message) => JSON.stringify(message))]
    : blocksOf(prompt ?? (promptTokens ?? []).join(' '))
  const chain = createHash('sha256')
  const hashes: string[] = []
  let characters = 0
  for (const piece of pieces) {
    chain.update(piece)
    characters += piece.length
    if (characters >= LEAST_CHARACTERS) hashes.push(textOf(chain.copy()))
  }
  const kept = hashes.length <= MOST_PREFIXES ? hashes : [hashes[0], ...hashes.slice(1 - MOST_PREFIXES)]
  const own = session === undefined ? [] : [textOf(createHash('sha256').update(`session ${session}`))]
  return [...own, ...kept.reverse()]
}

function blocksOf(text: string): string[] {
  const whole = Math.min(Math.floor(text.length / BLOCK_CHARACTERS), MOST_PREFIXES)
  return Array.from({ length: whole }, (_, i) => text.slice(i * BLOCK_CHARACTERS, (i + 1) * BLOCK_CHARACTERS))
}

const textOf = (hash: ReturnType<typeof createHash>): string => hash.digest('base64url').slice(0, 16)
