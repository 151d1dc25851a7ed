/**
 * Where ONNX Runtime put the nodes of a graph. What a device has no kernel for it computes on the processor without a
 * word, and copies back and forth around it: a model that claims to be on a device is held to it.
 */
import { RuntimeError } from '../../spec/errors.js'
import type { OrtApi, Pointer } from '../binding/api.js'

/** The session setting that makes ONNX Runtime remember. */
export const RECORD_PLACEMENT = 'session.record_ep_graph_assignment_info'
/** Operators that work on shapes: ONNX Runtime keeps those beside a device by itself, where that is quicker. */
const LIGHT = new Set(['Shape', 'Size', 'Concat', 'Slice', 'Squeeze', 'Unsqueeze', 'Constant', 'ConstantOfShape'])
/** So many nodes are named. */
const MOST_NAMED = 5

export interface PlacedNode {
  name: string
  type: string
  /** Name of who computes it. */
  provider: string
}

/** Nodes of an open session that was told to remember. */
export function placementOf(api: OrtApi, session: Pointer): PlacedNode[] {
  return listed(api, 'Session_GetEpGraphAssignmentInfo', session).flatMap((part) => {
    const provider = api.readString(api.create('EpAssignedSubgraph_GetEpName', [part]))
    return listed(api, 'EpAssignedSubgraph_GetNodes', part).map((node) => ({
      provider,
      name: api.readString(api.create('EpAssignedNode_GetName', [node])),
      type: api.readString(api.create('EpAssignedNode_GetOperatorType', [node])),
    }))
  })
}

/** Throws `RuntimeError` naming the nodes that work on values and that another than `provider` computes. */
export function requirePlacement(nodes: readonly PlacedNode[], provider: string, graphPath: string): void {
  const astray = nodes.filter((node) => node.provider !== provider && !LIGHT.has(node.type))
  if (nodes.length > 0 && astray.length === 0) return
  const named = astray.slice(0, MOST_NAMED).map(({ name, type, provider: where }) => `${name} (${type}, ${where})`)
  const more = astray.length > named.length ? ` and ${astray.length - named.length} more` : ''
  throw new RuntimeError(
    astray.length === 0
      ? `ONNX Runtime does not say where it computes ${graphPath}; onnxruntime-node 1.24 or newer does`
      : `${graphPath} is not computed by ${provider} as a whole: ${named.join(', ')}${more}; ` +
          'leave device out, and please report it with "sequoia gpu"',
  )
}

/** Objects of an array that ONNX Runtime owns. */
function listed(
  api: OrtApi,
  name: 'Session_GetEpGraphAssignmentInfo' | 'EpAssignedSubgraph_GetNodes',
  of: Pointer,
): Pointer[] {
  const [array, count] = [new BigUint64Array(1), new BigUint64Array(1)]
  api.call(name, of, array, count)
  return count[0] === 0n ? [] : Array.from(new BigUint64Array(api.view(array[0], 8 * Number(count[0]))))
}
