/**
 * `sequoia plan`: the best token tree for an acceptance vector, by the dynamic program (arXiv 2402.12374, section 3.1).
 */
import { readText } from '../common/read-text.js'
import { Core } from '../core/index.js'
import { InvalidArgumentError } from '../spec/errors.js'
import type { Command } from './command.js'
import { integer, parse, text, toggle, type Flags } from './flags.js'

const flags = {
  acceptance: text('FILE', 'JSON: a list of probabilities by draw rank, or an object with such a list as "p"'),
  nodes: integer('N', 'nodes of the tree, root included', 1, 4096),
  depth: integer('D', 'most levels below the root', 0, 256),
  json: toggle('print one JSON object: nodes, depth, expectedTokens, parents'),
} satisfies Flags

export const plan: Command = {
  name: 'plan',
  summary: 'print the best tree for an acceptance vector',
  usage: 'plan --acceptance FILE --nodes N --depth D [--json]',
  flags,
  async run(argv) {
    const { values } = parse(flags, argv, null)
    const { acceptance: file, nodes, depth } = values
    if (file === undefined) throw new InvalidArgumentError('--acceptance', '--acceptance FILE is missing')
    if (nodes === undefined) throw new InvalidArgumentError('--nodes', '--nodes N is missing')
    if (depth === undefined) throw new InvalidArgumentError('--depth', '--depth D is missing')
    const acceptance = await readAcceptance(file)
    const frontier = Core.load().plan({ acceptance, maxNodes: nodes, maxDepth: depth })
    if (frontier.expected(nodes, depth) === -Infinity) {
      const most = acceptance.length
      throw new InvalidArgumentError(
        '--nodes',
        `no tree of ${nodes} nodes fits into ${depth} levels below the root with ${most} children a node; ` +
          'take fewer nodes or more depth',
      )
    }
    const { parents, expectedTokens } = frontier.tree(nodes, depth)
    const found = { nodes, depth, expectedTokens, parents: Array.from(parents) }
    console.log(
      values.json
        ? JSON.stringify(found)
        : `${expectedTokens.toFixed(6)} expected tokens a step from ${nodes} nodes within ${depth} ` +
            `levels\n${drawn(found.parents)}`,
    )
    return 0
  },
}

async function readAcceptance(file: string): Promise<Float64Array> {
  const bad = (why: string): InvalidArgumentError =>
    new InvalidArgumentError(
      '--acceptance',
      `--acceptance ${file}: ${why}; expected JSON with a list of probabilities, [0.6, 0.2] or {"p": [0.6, 0.2]}`,
    )
  const raw = await readText(file).catch((error: Error) => {
    throw bad(error.message)
  })
  let data: unknown
  try {
    data = JSON.parse(raw)
  } catch (error) {
    throw bad((error as Error).message)
  }
  const list: unknown = Array.isArray(data) ? data : (data as { p?: unknown } | null)?.p
  if (!Array.isArray(list) || list.length === 0) throw bad('no such list in it')
  const wrong = list.findIndex((p) => typeof p !== 'number' || !(p >= 0 && p <= 1))
  if (wrong >= 0) throw bad(`entry ${wrong} is ${JSON.stringify(list[wrong])}`)
  return Float64Array.from(list as number[])
}

/** The tree as indented lines, `node (rank among its siblings)`. */
function drawn(parents: readonly number[]): string {
  const children = parents.map((): number[] => [])
  parents.forEach((parent, node) => parent >= 0 && children[parent].push(node))
  const lines: string[] = []
  const visit = (node: number, rank: number, indent: string): void => {
    lines.push(`${indent}${node}${node === 0 ? ' root' : ` (rank ${rank})`}`)
    children[node].forEach((child, i) => visit(child, i, `${indent}  `))
  }
  visit(0, 0, '')
  return lines.join('\n')
}
