/**
 * The playground's page and its files, as they lie in the package, with headers that let them load nothing from
 * elsewhere.
 */
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import express, { Router, type Response } from 'express'

const FOLDER = join(dirname(createRequire(import.meta.url).resolve('sequoia-onnx/package.json')), 'playground')

const HEADERS = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; " +
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-cache',
}

/** Serves the page at `/` and what it is made of below `/playground`. */
export function playground(): Router {
  const setHeaders = (res: Response): void => void res.set(HEADERS)
  const router = Router()
  router.get('/', (_req, res) => {
    setHeaders(res)
    res.sendFile(join(FOLDER, 'index.html'), { cacheControl: false })
  })
  router.use('/playground', express.static(FOLDER, { index: false, cacheControl: false, setHeaders }))
  return router
}
