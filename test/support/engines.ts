/**
 * Opens engines for tests, once per process and configuration; a model whose source is out of reach is a named skip.
 */
import { existsSync } from 'node:fs'
import { openEngine } from '../../src/index.js'
import type { Engine, EngineOptions } from '../../src/api/types.js'
import { smollm2File } from './smollm2.js'

const open = new Map<string, Promise<Engine>>()

export function engineFor(options: EngineOptions): Promise<Engine> {
  const key = JSON.stringify(options)
  let engine = open.get(key)
  if (!engine) open.set(key, (engine = openEngine(options)))
  return engine
}

/** Closes what `engineFor` opened; call it after a suite. */
export async function closeEngines(): Promise<void> {
  for (const engine of open.values()) await (await engine).close()
  open.clear()
}

/** Whether the real model was pulled by the tests' set-up (scripts/test.mjs says why when it could not be). */
export const haveSmolLM2 = existsSync(smollm2File)
