/**
 * The rounds as a JavaScript host plays them, by the module's own exports alone: no package, no build step, no Node.
 * Shared by the browser, Deno and Bun, which differ only in how they load two files.
 */

const TARGET = 1
const DRAFT = 2

const step = (state) => (Math.imul(state, 1664525) + 1013904223) >>> 0
const after = (state, token) => step((state ^ step(token)) >>> 0)

/** Stands in for a model: the logits that follow a state. */
function logitsRow(state, model, vocab) {
  let shared = state
  let own = step((state ^ model) >>> 0)
  return Float32Array.from({ length: vocab }, () => {
    shared = step(shared)
    own = step(own)
    return (3 * (shared >>> 16) + (own >>> 16) - 131072) / 16384
  })
}

/** Plays every golden session. Returns the number of rounds; throws at the first difference. */
export async function playAll(wasmBytes, golden) {
  const { instance } = await WebAssembly.instantiate(wasmBytes)
  const core = instance.exports
  if (core.abi_version() !== golden.abi)
    throw new Error(`the module's ABI is ${core.abi_version()}, the golden vectors' ${golden.abi}`)
  let rounds = 0
  for (const session of golden.sessions) {
    const played = play(core, session)
    same(session.name, 'first', played.next().value, session.first)
    for (const [index, expected] of session.rounds.entries()) {
      const actual = played.next().value
      for (const field of Object.keys(expected))
        same(`${session.name}, round ${index}`, field, actual[field], expected[field])
      rounds++
    }
    played.return()
  }
  return rounds
}

function same(where, what, actual, expected) {
  const [got, wanted] = [actual, expected].map((value) => JSON.stringify(value))
  if (got !== wanted) throw new Error(`${where}: ${what} is ${got}, expected ${wanted}`)
}

/** Yields the first token, then one round's results after another. */
function* play(core, session) {
  const { vocab, nodes, depth } = session
  const [levels, ranks] = [session.acceptance.length, session.acceptance[0].length]
  const blocks = []
  const alloc = (bytes) => {
    blocks.push(core.alloc(bytes))
    return blocks.at(-1)
  }
  // A call may grow the memory, which detaches views: every access makes its own.
  const get = (type, pointer, length) => new type(core.memory.buffer, pointer, length).slice()
  const put = (pointer, values) => new values.constructor(core.memory.buffer, pointer, values.length).set(values)
  const place = (values) => {
    const pointer = alloc(values.byteLength)
    put(pointer, values)
    return pointer
  }

  const sampling = place(samplingStruct(session.sampling))
  const draftSampling = place(samplingStruct(session.draftSampling))
  const key = place(Uint32Array.of(...session.seed, session.choice))
  const acceptance = place(Float64Array.from(session.acceptance.flat()))
  const frontier = alloc((depth + 1) * (nodes + 1) * 8)
  const [parentsAt, tokensAt, slotsAt, rowsAt, verdictAt, drawnAt, qAt] = Array.from({ length: 7 }, () =>
    alloc(nodes * 4),
  )
  const [visibleAt, maskAt] = [alloc(session.slots), alloc(nodes * session.slots)]
  const [targetAt, draftAt] = [alloc(nodes * vocab * 4), alloc(nodes * vocab * 4)]

  try {
    const visible = Uint8Array.from({ length: session.slots }, (_, slot) => Number(slot < session.position))
    let { position, state } = session
    put(targetAt, logitsRow(state, TARGET, vocab))
    let root = checked('choose_token', core.choose_token(targetAt, vocab, sampling, key, position - 1))
    yield root

    while (true) {
      // Plan.
      checked('plan_frontier', core.plan_frontier(acceptance, levels, ranks, nodes, depth, frontier))
      checked('plan_tree', core.plan_tree(acceptance, levels, ranks, nodes, depth, parentsAt))
      const parents = get(Int32Array, parentsAt, nodes)

      // Draft: each node's children from the draft's logits at that node.
      const [tokens, q, depths, rows] = [
        new Int32Array(nodes),
        new Uint32Array(nodes),
        new Int32Array(nodes),
        new Int32Array(nodes).fill(-1),
      ]
      const states = [after(state, root)]
      tokens[0] = root
      for (let node = 0; node < nodes; node++) {
        const children = [...parents.keys()].filter((child) => parents[child] === node)
        if (children.length === 0) continue
        rows[node] = node
        const row = draftAt + node * vocab * 4
        put(row, logitsRow(states[node], DRAFT, vocab))
        const kind = session.rule === 'coupled' ? 0 : 1
        const count = checked(
          'draft_children',
          core.draft_children(
            row,
            vocab,
            draftSampling,
            key,
            position + depths[node],
            node,
            children.length,
            kind,
            drawnAt,
            qAt,
          ),
        )
        if (count < children.length)
          throw new Error(`${session.name}: node ${node} got ${count} of ${children.length} children`)
        const [drawn, chances] = [get(Int32Array, drawnAt, count), get(Uint32Array, qAt, count)]
        children.forEach((child, rank) => {
          tokens[child] = drawn[rank]
          q[child] = chances[rank]
          depths[child] = depths[node] + 1
          states[child] = after(states[node], tokens[child])
        })
      }

      // Mask, and the target's pass over all nodes.
      const slots = Int32Array.from([...visible.keys()].filter((slot) => visible[slot] === 0).slice(0, nodes))
      put(visibleAt, visible)
      put(slotsAt, slots)
      checked('ancestor_mask', core.ancestor_mask(visibleAt, session.slots, parentsAt, slotsAt, nodes, maskAt))
      const mask = Array.from({ length: nodes }, (_, node) =>
        get(Uint8Array, maskAt + node * session.slots, session.slots).join(''),
      )
      states.forEach((reached, node) => put(targetAt + node * vocab * 4, logitsRow(reached, TARGET, vocab)))

      // Verify, and commit: keep the path's slots and go on from its last node.
      put(tokensAt, tokens)
      put(rowsAt, rows)
      const length =
        session.rule === 'coupled'
          ? core.verify_coupled(parentsAt, tokensAt, nodes, targetAt, vocab, sampling, key, position, verdictAt)
          : core.verify_sequoia(
              parentsAt,
              tokensAt,
              nodes,
              targetAt,
              draftAt,
              nodes,
              rowsAt,
              vocab,
              sampling,
              draftSampling,
              key,
              position,
              verdictAt,
            )
      const [token, ...path] = get(Int32Array, verdictAt, checked(`verify_${session.rule}`, length) + 1)
      const expected = get(BigUint64Array, frontier + (depth * (nodes + 1) + nodes) * 8, 1)[0]
        .toString(16)
        .padStart(16, '0')
      yield { expected, parents: [...parents], tokens: [...tokens], q: [...q], mask, path, token }

      for (const kept of [0, ...path]) visible[slots[kept]] = 1
      state = states[path.at(-1) ?? 0]
      position += path.length + 1
      root = token
    }
  } finally {
    for (const block of blocks) core.free(block)
  }
}

/** f64 temperature, top-p, min-p; i32 top-k; 4 bytes unused. */
function samplingStruct({ temperature, topP, minP, topK }) {
  const view = new DataView(new ArrayBuffer(32))
  for (const [at, value] of [temperature, topP, minP].entries()) view.setFloat64(at * 8, value, true)
  view.setInt32(24, topK, true)
  return new Uint8Array(view.buffer)
}

function checked(name, status) {
  if (status < 0) throw new Error(`${name} returned status ${status}`)
  return status
}
