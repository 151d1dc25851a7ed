/**
 * Every adapter: a folder each and a line here. The conformance suites run over those that speak HTTP; tests hold the
 * list against the folders, the package's entry points and docs/adapters.md.
 */
export interface Adapter {
  /** Its folder, and its example in docs/adapters.md. */
  name: string
  /** The package's entry point that exports it. */
  entry: string
  /** What it carries: HTTP, or a client SDK's calls inside this process. */
  carries: 'http' | 'calls'
  /** Packages that its users install beside ours. */
  peers: readonly string[]
}

export const adapters: readonly Adapter[] = [
  { name: 'express', entry: './express', carries: 'http', peers: [] },
  { name: 'node', entry: './node', carries: 'http', peers: [] },
  { name: 'fetch', entry: './fetch', carries: 'http', peers: [] },
  { name: 'hono', entry: './fetch', carries: 'http', peers: [] },
  { name: 'fastify', entry: './fastify', carries: 'http', peers: ['fastify'] },
  { name: 'ai', entry: './ai', carries: 'calls', peers: ['@ai-sdk/openai-compatible'] },
  { name: 'langchain', entry: './langchain', carries: 'calls', peers: ['@langchain/openai'] },
]
