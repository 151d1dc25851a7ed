/**
 * Writes golden.json: the sessions, and what every host must get from them, made through the package's typed face
 * (which no host uses). `npx tsx examples/hosts/make-golden.ts` after a change that is meant to change results, and
 * never otherwise.
 */
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Core } from '../../src/core/index.js'
import { after, DRAFT, logitsRow, type Session, sessions, TARGET } from './sessions.js'

/**
 * One round's results as whole numbers and text, so that equal means the same bits. Arrays are [m], an item per node.
 */
export interface GoldenRound {
  /** Expected tokens of the planned tree: the bits of the f64, 16 hexadecimal digits. */
  expected: string
  parents: number[]
  /** The root's token first. */
  tokens: number[]
  /** Bits of each f32 draft probability; 0 for the root. */
  q: number[]
  /** Who sees whom: a row of `slots` digits for each node. */
  mask: string[]
  path: number[]
  token: number
}

export interface GoldenSession extends Omit<Session, 'length'> {
  /** The root of the first round, drawn by `choose_token`. */
  first: number
  rounds: GoldenRound[]
}

export const GOLDEN = fileURLToPath(new URL('golden.json', import.meta.url))

/** The text of golden.json. */
export function makeGolden(): string {
  const core = Core.load()
  const made = { abi: core.wasm.abi_version(), sessions: sessions.map((session) => play(core, session)) }
  const inner = (value: object): string => JSON.stringify(value)
  const lines = made.sessions.map(
    ({ rounds, ...rest }) =>
      `    ${inner(rest).slice(0, -1)},\n     "rounds": ` +
      `[\n${rounds.map((round) => `      ${inner(round)}`).join(',\n')}]}`,
  )
  return `{\n  "abi": ${made.abi},\n  "sessions": [\n${lines.join(',\n')}\n  ]\n}\n`
}

function play(core: Core, { length, ...session }: Session): GoldenSession {
  const { vocab, sampling, draftSampling, nodes } = session
  const key = { seed: (BigInt(session.seed[1]) << 32n) | BigInt(session.seed[0]), choice: session.choice }
  const visible = Uint8Array.from({ length: session.slots }, (_, slot) => Number(slot < session.position))
  const at = {
    target: core.alloc(nodes * vocab * 4),
    draft: core.alloc(nodes * vocab * 4),
    mask: core.alloc(nodes * session.slots),
  }
  const put = (rows: number, row: number, logits: Float32Array): number => {
    core.f32(rows + row * vocab * 4, vocab).set(logits)
    return rows + row * vocab * 4
  }
  let { position, state } = session
  const first = core.chooseToken(put(at.target, 0, logitsRow(state, TARGET, vocab)), vocab, sampling, key, position - 1)
  const rounds: GoldenRound[] = []
  for (let root = first; rounds.length < length; root = rounds.at(-1)!.token) {
    const { parents, expectedTokens } = core
      .plan({
        acceptance: session.acceptance.map((row) => Float64Array.from(row)),
        maxNodes: nodes,
        maxDepth: session.depth,
      })
      .tree(nodes, session.depth)
    const tokens = new Int32Array(nodes)
    const q = new Float32Array(nodes)
    const depths = new Int32Array(nodes)
    const draftRow = new Int32Array(nodes).fill(-1)
    const states = [after(state, root)]
    tokens[0] = root
    for (let node = 0; node < nodes; node++) {
      const children = [...parents.keys()].filter((child) => parents[child] === node)
      if (children.length === 0) continue
      draftRow[node] = node
      const row = put(at.draft, node, logitsRow(states[node], DRAFT, vocab))
      const drawn = core.draftChildren(
        row,
        vocab,
        draftSampling,
        key,
        position + depths[node],
        children.length,
        session.rule === 'coupled' ? 'coupled' : 'independent',
        node,
      )
      if (drawn.tokens.length < children.length)
        throw new Error(`${session.name}: node ${node} has fewer children than planned; choose another session`)
      children.forEach((child, rank) => {
        tokens[child] = drawn.tokens[rank]
        q[child] = drawn.q[rank]
        depths[child] = depths[node] + 1
        states[child] = after(states[node], tokens[child])
      })
    }
    const slots = Int32Array.from([...visible.keys()].filter((slot) => visible[slot] === 0).slice(0, nodes))
    core.ancestorMask(visible, parents, slots, at.mask)
    const mask = Array.from({ length: nodes }, (_, node) =>
      core.u8(at.mask + node * visible.length, visible.length).join(''),
    )
    states.forEach((reached, node) => put(at.target, node, logitsRow(reached, TARGET, vocab)))
    const tree = { parents, tokens, depths }
    const { path, token } =
      session.rule === 'coupled'
        ? core.verifyCoupled(tree, at.target, vocab, sampling, key, position)
        : core.verifySequoia(tree, at.target, at.draft, draftRow, vocab, sampling, draftSampling, key, position)
    rounds.push({
      expected: bits64(expectedTokens),
      parents: [...parents],
      tokens: [...tokens],
      q: [...new Uint32Array(q.buffer)],
      mask,
      path: [...path],
      token,
    })
    for (const kept of [0, ...path]) visible[slots[kept]] = 1
    state = states[path.at(-1) ?? 0]
    position += path.length + 1
  }
  for (const block of Object.values(at)) core.free(block)
  return { ...session, first, rounds }
}

function bits64(value: number): string {
  return new BigUint64Array(Float64Array.of(value).buffer)[0].toString(16).padStart(16, '0')
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(GOLDEN, makeGolden())
