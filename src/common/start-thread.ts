/** Threads whose program is a file of ours, from the build or, in tests, from the sources. */
import { Worker, type WorkerOptions } from 'node:worker_threads'

/**
 * Starts the program `name` that lies beside the module `from` (`import.meta.url`). Where nothing is built it is
 * TypeScript, whose loader a thread does not have from its parent.
 */
export function startThread(from: string, name: string, options: WorkerOptions): Worker {
  if (!from.endsWith('.ts')) return new Worker(new URL(`${name}.js`, from), options)
  const program = JSON.stringify(new URL(`${name}.ts`, from).href)
  const code = `import('tsx/esm/api').then(({ tsImport }) => tsImport(${program}, ${program}))`
  return new Worker(code, { ...options, eval: true })
}
