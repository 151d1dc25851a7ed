/** Which draft a request speculates with. */
import { InvalidArgumentError } from '../spec/errors.js'
import type { Drafter } from '../strategies/drafter.js'
import type { Planner } from '../strategies/planner.js'
import type { Strategies } from './parts.js'
import type { CheckedRequest } from './check-request.js'

/**
 * The draft a request speculates with; null: none. Throws `InvalidArgumentError` for one that is not open, or that its
 * verifier cannot verify.
 */
export function drafterOf(
  { drafters, defaultDraft }: Strategies,
  planner: Planner,
  request: CheckedRequest,
): Drafter | null {
  const name = request.draft ?? defaultDraft
  if (name === 'none') return null
  const drafter = drafters.get(name)
  if (!drafter) {
    throw new InvalidArgumentError(
      'draft',
      `draft "${name}" is not open in this engine; it has none, ${[...drafters.keys()].join(', ')}`,
    )
  }
  const { verifier } = request
  const grown = drafter.growth === 'dynamic' || (drafter.growth === 'static' && planner.growth === 'dynamic')
  if (grown && !verifier.allowsDynamic) {
    throw new InvalidArgumentError(
      'verifier',
      `draft "${name}" chooses its tree after seeing its tokens, which "${verifier.name}" cannot verify without ` +
        'bias; use "coupled"',
    )
  }
  return drafter
}
