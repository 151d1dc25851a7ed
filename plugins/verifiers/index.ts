/** The verifiers, by name. A verifier is a file of this folder and a line here. */
import { registryOf, type Registry } from '../../src/strategies/registry.js'
import type { Verifier } from '../../src/strategies/verifier.js'
import { block } from './block.js'
import { coupled } from './coupled.js'
import { match } from './match.js'
import { naive } from './naive.js'
import { sequoia } from './sequoia.js'
import { specinfer } from './specinfer.js'
import { traversal } from './traversal.js'

/** In the order in which they are listed; the first one is the default. */
const all = [coupled, sequoia, specinfer, naive, match, traversal, block] as const

/** Names of the verifiers that come with the package. */
export type VerifierName = (typeof all)[number]['name']

export const verifiers: Registry<Verifier> = registryOf<Verifier>(all)
