/** The verifiers, by name. */
import type { Verifier } from '../../src/strategies/verifier.js'
import { block } from './block.js'
import { coupled } from './coupled.js'
import { match } from './match.js'
import { naive } from './naive.js'
import { sequoia } from './sequoia.js'
import { specinfer } from './specinfer.js'
import { traversal } from './traversal.js'

const all: readonly Verifier[] = [coupled, sequoia, specinfer, naive, match, traversal, block]

export const verifiers: ReadonlyMap<string, Verifier> = new Map(all.map((verifier) => [verifier.name, verifier]))
