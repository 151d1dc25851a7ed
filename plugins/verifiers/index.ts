/** The verifiers, by name. */
import type { Verifier } from '../../src/plugin/index.js'
import { coupled } from './coupled.js'
import { sequoia } from './sequoia.js'

export const verifiers: ReadonlyMap<string, Verifier> = new Map([coupled, sequoia].map((verifier) => [verifier.name, verifier]))
