/**
 * The playground's page and its files, as they lie in the package, with headers that let them load nothing from
 * elsewhere.
 */
import { createRequire } from 'node:module'
import { basename, dirname, join } from 'node:path'
import express, { Router, type Response } from 'express'

const { resolve } = createRequire(import.meta.url)
const FOLDER = join(dirname(resolve('sequoia-onnx/package.json')), 'playground')
/** Files by the paths that the page asks for: itself, and the libraries that its own files import. */
const FILES = {
  '/': [FOLDER, 'index.html'],
  '/playground/vendor/marked.js': [join(dirname(resolve('marked/package.json')), 'lib'), 'marked.esm.js'],
  '/playground/vendor/purify.js': [dirname(resolve('dompurify')), 'purify.es.mjs'],
  '/playground/vendor/core.wasm': [dirname(resolve('sequoia-onnx/wasm')), 'core.wasm'],
} as const

const policy = (scripts: string): string =>
  `default-src 'none'; script-src ${scripts}; style-src 'self'; connect-src 'self'; img-src data:; ` +
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

const HEADERS = {
  'content-security-policy': policy("'self'"),
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-cache',
}

/** Serves the page at `/` and what it is made of below `/playground`. */
export function playground(): Router {
  const setHeaders = (res: Response, path = ''): void => {
    res.set(HEADERS)
    // It compiles the planner's WebAssembly, which a policy has to allow by name.
    if (basename(path) === 'planner.html') res.set('content-security-policy', policy("'self' 'wasm-unsafe-eval'"))
  }
  const router = Router()
  for (const [path, [root, file]] of Object.entries(FILES)) {
    router.get(path, (_req, res) => {
      setHeaders(res)
      // By its root: the folders above may have names that begin with a dot, as `npx` gives them.
      res.type(file.split('.').at(-1)!).sendFile(file, { root, cacheControl: false })
    })
  }
  router.use('/playground', express.static(FOLDER, { index: false, cacheControl: false, setHeaders }))
  return router
}
