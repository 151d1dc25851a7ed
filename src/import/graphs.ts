/** Which graphs an imported model is run by. */
import { join } from 'node:path'
import type { GraphModel } from '../runtime/open.js'
import { FINE_FROM } from '../graph/pass.js'
import type { ImportedModel } from './ensure-imported.js'

/** The graphs for several sequences (`grouped`) or one. */
export function graphsOf(
  { dir, manifest: { files } }: ImportedModel,
  { grouped }: { grouped: boolean },
): Pick<GraphModel, 'graphPath' | 'long'> {
  const which = grouped ? 'graph' : 'single'
  return {
    graphPath: join(dir, files[which]),
    ...(files.long ? { long: { graphPath: join(dir, files.long[which]), from: FINE_FROM } } : {}),
  }
}
