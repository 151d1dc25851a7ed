/**
 * Who may ask: keys are known by their SHA-256 alone. A random key of 256 bits needs no slow hash, as a password would.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import type { Request, RequestHandler } from 'express'
import { ApiError } from '../serve/index.js'

/** The name of the key that a request came with, kept with its response. */
export const CALLER = 'sequoia.caller'

/** A new key, and what is written into the settings for it. */
export function newKey(): { key: string; hash: string } {
  const key = `sk-sequoia-${randomBytes(32).toString('base64url')}`
  return { key, hash: `sha256:${digest(key).toString('hex')}` }
}

/**
 * Lets requests pass that bear one of the keys (`keys`: name to `sha256:HEX`); all, where there are none. Others get
 * 401. Every key is compared, in constant time, so that the time an answer takes tells nothing.
 */
export function requireKey(keys: Readonly<Record<string, string>>): RequestHandler {
  const known = Object.entries(keys).map(([name, hash]) => ({
    name,
    hash: Buffer.from(hash.slice('sha256:'.length), 'hex'),
  }))
  return (req, res, next) => {
    if (known.length === 0) return next()
    const given = bearer(req)
    const hash = digest(given ?? '')
    const [match] = known.filter((key) => timingSafeEqual(key.hash, hash))
    if (match && given !== undefined) {
      res.locals[CALLER] = match.name
      return next()
    }
    res.set('www-authenticate', 'Bearer')
    next(
      new ApiError(
        401,
        'invalid_api_key',
        given === undefined
          ? 'no API key was given; send it as the header authorization: Bearer KEY'
          : 'this API key is not known here',
      ),
    )
  }
}

function bearer(req: Request): string | undefined {
  return /^Bearer +(\S+) *$/i.exec(req.headers.authorization ?? '')?.[1]
}

function digest(key: string): Buffer {
  return createHash('sha256').update(key).digest()
}
