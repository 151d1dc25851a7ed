/**
 * What importing each entry of the package pulls in, followed import by import: a framework only where its own adapter
 * was asked for.
 */
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { test } from 'uvu'
import * as assert from 'uvu/assert'

const root = fileURLToPath(new URL('../..', import.meta.url))
const pkg = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))

/** Packages of the JavaScript that `file` and all that it imports are made of; types are gone there. */
function packagesOf(file: string, seen = new Set<string>(), found = new Set<string>()): string[] {
  if (seen.has(file)) return []
  seen.add(file)
  for (const [, at] of readFileSync(file, 'utf8').matchAll(
    /^(?:import|export)\s+(?:[\w*{}\s,$]+?\s+from\s+)?'([^']+)'/gm,
  )) {
    if (at.startsWith('.')) packagesOf(join(dirname(file), at), seen, found)
    else if (!at.startsWith('node:'))
      found.add(
        at
          .split('/')
          .slice(0, at.startsWith('@') ? 2 : 1)
          .join('/'),
      )
  }
  return [...found].sort()
}

const entry = (name: string): string => join(root, pkg.exports[name].default)
const FRAMEWORKS = [
  'express',
  'fastify',
  'hono',
  '@hono/node-server',
  'ai',
  '@ai-sdk/openai-compatible',
  '@langchain/openai',
  '@langchain/core',
  'openai',
  'prom-client',
  '@opentelemetry/api',
]
const frameworksOf = (name: string): string[] => packagesOf(entry(name)).filter((found) => FRAMEWORKS.includes(found))

test('the package root pulls in no framework, and what it does is a dependency', () => {
  assert.equal(frameworksOf('.'), [])
  const found = packagesOf(entry('.'))
  assert.ok(found.includes('@huggingface/tokenizers'), found.join(', '))
  assert.not.ok(found.includes('onnxruntime-node'), 'it is loaded at first use, when its telemetry is off')
  assert.equal(
    found.filter((name) => !(name in pkg.dependencies)),
    [],
  )
})

test('an adapter pulls in its own framework at most', () => {
  const pulled = ['./express', './node', './fetch', './fastify', './ai', './langchain', './metrics'].map((name) => [
    name,
    frameworksOf(name),
  ])
  assert.equal(Object.fromEntries(pulled), {
    './express': [],
    './node': [],
    './fetch': [],
    './fastify': [],
    './ai': ['@ai-sdk/openai-compatible'],
    './langchain': ['@langchain/openai'],
    './metrics': ['prom-client'],
  })
})

test('every framework that an adapter pulls in is an optional peer', () => {
  const peers = [
    '@ai-sdk/openai-compatible',
    '@langchain/openai',
    '@opentelemetry/api',
    'bullmq',
    'fastify',
    'ioredis',
    'prom-client',
    'redis',
  ]
  assert.equal(Object.keys(pkg.peerDependencies).sort(), peers)
  assert.equal(Object.keys(pkg.peerDependenciesMeta).sort(), peers)
})

test('every entry exists', () => {
  for (const place of Object.values<{ types: string; default: string } | string>(pkg.exports)) {
    for (const file of typeof place === 'string' ? [place] : [place.types, place.default])
      assert.ok(existsSync(join(root, file)), file)
  }
})

test.run()
