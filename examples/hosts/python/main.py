"""Plays the golden rounds on wasmtime, by the module's own exports alone.

python main.py dist/core.wasm examples/hosts/golden.json
"""

import json
import struct
import sys

from wasmtime import Engine, Instance, Module, Store

TARGET, DRAFT = 1, 2


def step(state):
    return (state * 1664525 + 1013904223) & 0xFFFFFFFF


def after(state, token):
    return step(state ^ step(token))


def logits_row(state, model, vocab):
    """Stands in for a model: the logits that follow a state, as bytes."""
    shared, own, row = state, step(state ^ model), []
    for _ in range(vocab):
        shared, own = step(shared), step(own)
        row.append((3 * (shared >> 16) + (own >> 16) - 131072) / 16384)
    return struct.pack(f"<{vocab}f", *row)


class Core:
    """The module's exports as methods; a negative status is an exception."""

    def __init__(self, path):
        engine = Engine()
        self.store = Store(engine)
        self.exports = Instance(self.store, Module.from_file(engine, path), []).exports(self.store)

    def __getattr__(self, name):
        def call(*arguments):
            status = self.exports[name](self.store, *arguments)
            if status < 0:
                raise ValueError(f"{name} returned status {status}")
            return status

        return call

    def put(self, pointer, data):
        self.exports["memory"].write(self.store, data, pointer)

    def get(self, pointer, layout, count):
        data = self.exports["memory"].read(self.store, pointer, pointer + count * struct.calcsize(layout))
        return list(struct.unpack(f"<{count}{layout}", data))

    def place(self, layout, *values):
        data = struct.pack("<" + layout, *values)
        pointer = self.alloc(len(data))
        self.put(pointer, data)
        return pointer


def play(core, session):
    """Yields the first token, then one round's results after another."""
    vocab, nodes, depth, size = (session[name] for name in ("vocab", "nodes", "depth", "slots"))
    levels, ranks = len(session["acceptance"]), len(session["acceptance"][0])
    coupled = session["rule"] == "coupled"
    sampling, draft_sampling = (
        core.place("3di4x", *(session[which][name] for name in ("temperature", "topP", "minP", "topK")))
        for which in ("sampling", "draftSampling")
    )
    key = core.place("3I", *session["seed"], session["choice"])
    acceptance = core.place(f"{levels * ranks}d", *(p for level in session["acceptance"] for p in level))
    frontier = core.alloc((depth + 1) * (nodes + 1) * 8)
    parents_at, tokens_at, slots_at, rows_at, verdict_at, drawn_at, q_at = (core.alloc(nodes * 4) for _ in range(7))
    visible_at, mask_at = core.alloc(size), core.alloc(nodes * size)
    target_at, draft_at = (core.alloc(nodes * vocab * 4) for _ in range(2))

    visible = [int(slot < session["position"]) for slot in range(size)]
    position, state = session["position"], session["state"]
    core.put(target_at, logits_row(state, TARGET, vocab))
    root = core.choose_token(target_at, vocab, sampling, key, position - 1)
    yield root

    while True:
        # Plan.
        core.plan_frontier(acceptance, levels, ranks, nodes, depth, frontier)
        core.plan_tree(acceptance, levels, ranks, nodes, depth, parents_at)
        parents = core.get(parents_at, "i", nodes)

        # Draft: each node's children from the draft's logits at that node.
        tokens, q, depths, rows = [root] + [0] * (nodes - 1), [0] * nodes, [0] * nodes, [-1] * nodes
        states = [after(state, root)] + [0] * (nodes - 1)
        for node in range(nodes):
            children = [child for child in range(nodes) if parents[child] == node]
            if not children:
                continue
            rows[node], row = node, draft_at + node * vocab * 4
            core.put(row, logits_row(states[node], DRAFT, vocab))
            count = core.draft_children(
                row, vocab, draft_sampling, key, position + depths[node], node, len(children), 0 if coupled else 1,
                drawn_at, q_at
            )
            if count < len(children):
                raise ValueError(f"{session['name']}: node {node} got {count} of {len(children)} children")
            for child, token, chance in zip(children, core.get(drawn_at, "i", count), core.get(q_at, "I", count)):
                tokens[child], q[child], depths[child] = token, chance, depths[node] + 1
                states[child] = after(states[node], token)

        # Mask, and the target's pass over all nodes.
        slots = [slot for slot in range(size) if not visible[slot]][:nodes]
        core.put(visible_at, bytes(visible))
        core.put(slots_at, struct.pack(f"<{nodes}i", *slots))
        core.ancestor_mask(visible_at, size, parents_at, slots_at, nodes, mask_at)
        mask = ["".join(map(str, core.get(mask_at + node * size, "B", size))) for node in range(nodes)]
        for node in range(nodes):
            core.put(target_at + node * vocab * 4, logits_row(states[node], TARGET, vocab))

        # Verify, and commit: keep the path's slots and go on from its last node.
        core.put(tokens_at, struct.pack(f"<{nodes}i", *tokens))
        core.put(rows_at, struct.pack(f"<{nodes}i", *rows))
        if coupled:
            length = core.verify_coupled(
                parents_at, tokens_at, nodes, target_at, vocab, sampling, key, position, verdict_at
            )
        else:
            length = core.verify_sequoia(
                parents_at, tokens_at, nodes, target_at, draft_at, nodes, rows_at, vocab, sampling, draft_sampling, key,
                position, verdict_at
            )
        token, *path = core.get(verdict_at, "i", length + 1)
        expected = "%016x" % core.get(frontier + (depth * (nodes + 1) + nodes) * 8, "Q", 1)[0]
        yield dict(expected=expected, parents=parents, tokens=tokens, q=q, mask=mask, path=path, token=token)

        for kept in [0, *path]:
            visible[slots[kept]] = 1
        state = states[path[-1] if path else 0]
        position += length + 1
        root = token


def same(where, what, actual, expected):
    if actual != expected:
        sys.exit(f"{where}: {what} is {actual}, expected {expected}")


def main(wasm, golden_file):
    with open(golden_file, encoding="utf-8") as file:
        golden = json.load(file)
    rounds = 0
    for session in golden["sessions"]:
        core = Core(wasm)
        same(wasm, "its ABI", core.abi_version(), golden["abi"])
        played = play(core, session)
        same(session["name"], "first", next(played), session["first"])
        for index, (expected, actual) in enumerate(zip(session["rounds"], played)):
            for field, value in expected.items():
                same(f"{session['name']}, round {index}", field, actual[field], value)
            rounds += 1
    print(f"{rounds} rounds, all equal")


if __name__ == "__main__":
    main(*sys.argv[1:])
