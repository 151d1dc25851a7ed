package main

import (
	"fmt"
	"log"
)

const (
	target uint32 = 1
	draft  uint32 = 2
)

func step(state uint32) uint32 { return state*1664525 + 1013904223 }

func after(state uint32, token int32) uint32 { return step(state ^ step(uint32(token))) }

// logitsRow stands in for a model: the logits that follow a state.
func logitsRow(state, model uint32, vocab int32) []float32 {
	row, shared, own := make([]float32, vocab), state, step(state^model)
	for i := range row {
		shared, own = step(shared), step(own)
		row[i] = float32(int32(3*(shared>>16)+own>>16)-131072) / 16384
	}
	return row
}

// generation is one session under way: its arrays in the module's memory, and what the rounds so far have left.
type generation struct {
	session
	core                                                        *core
	request, draftRequest, key, acceptance, frontier            int32
	parents, tokens, slots, rows, verdict, drawn, q, mask, seen int32
	targetLogits, draftLogits                                   int32
	visible                                                     []uint8
	position, root                                              int32
	state                                                       uint32
}

func begin(c *core, s session) *generation {
	var acceptance []float64
	for _, level := range s.Acceptance {
		acceptance = append(acceptance, level...)
	}
	g := &generation{
		session: s, core: c, state: s.State, position: s.Position, visible: make([]uint8, s.Slots),
		request: c.place(s.Sampling), draftRequest: c.place(s.DraftSampling), key: c.place([]uint32{s.Seed[0], s.Seed[1], uint32(s.Choice)}),
		acceptance: c.place(acceptance), frontier: c.alloc((s.Depth + 1) * (s.Nodes + 1) * 8),
		seen: c.alloc(s.Slots), mask: c.alloc(s.Nodes * s.Slots),
		targetLogits: c.alloc(s.Nodes * s.Vocab * 4), draftLogits: c.alloc(s.Nodes * s.Vocab * 4),
	}
	for _, array := range []*int32{&g.parents, &g.tokens, &g.slots, &g.rows, &g.verdict, &g.drawn, &g.q} {
		*array = c.alloc(s.Nodes * 4)
	}
	for slot := range s.Position {
		g.visible[slot] = 1
	}
	c.put(g.targetLogits, logitsRow(g.state, target, s.Vocab))
	g.root = c.call("choose_token", g.targetLogits, s.Vocab, g.request, g.key, s.Position-1)
	return g
}

func (g *generation) end() { g.core.free() }

// play plays one round: plan, draft, mask, verify, commit.
func (g *generation) play() round {
	c, m, levels, ranks := g.core, g.Nodes, int32(len(g.Acceptance)), int32(len(g.Acceptance[0]))
	c.call("plan_frontier", g.acceptance, levels, ranks, m, g.Depth, g.frontier)
	c.call("plan_tree", g.acceptance, levels, ranks, m, g.Depth, g.parents)
	r := round{
		Expected: fmt.Sprintf("%016x", get[uint64](c, g.frontier+(g.Depth*(m+1)+m)*8, 1)[0]),
		Parents:  get[int32](c, g.parents, m), Tokens: make([]int32, m), Q: make([]uint32, m),
	}

	states, rows := g.drawTree(&r)

	// The target's pass over all nodes: each takes a free slot and sees its own path alone.
	var slots []int32
	for slot, taken := range g.visible {
		if taken == 0 && int32(len(slots)) < m {
			slots = append(slots, int32(slot))
		}
	}
	c.put(g.seen, g.visible)
	c.put(g.slots, slots)
	c.call("ancestor_mask", g.seen, g.Slots, g.parents, g.slots, m, g.mask)
	for node := range m {
		row := get[uint8](c, g.mask+node*g.Slots, g.Slots)
		for slot := range row {
			row[slot] += '0'
		}
		r.Mask = append(r.Mask, string(row))
		c.put(g.targetLogits+node*g.Vocab*4, logitsRow(states[node], target, g.Vocab))
	}

	c.put(g.tokens, r.Tokens)
	c.put(g.rows, rows)
	var length int32
	if g.Rule == "coupled" {
		length = c.call("verify_coupled", g.parents, g.tokens, m, g.targetLogits, g.Vocab, g.request, g.key, g.position, g.verdict)
	} else {
		length = c.call("verify_sequoia", g.parents, g.tokens, m, g.targetLogits, g.draftLogits, m, g.rows, g.Vocab, g.request, g.draftRequest, g.key, g.position, g.verdict)
	}
	verdict := get[int32](c, g.verdict, length+1)
	r.Token, r.Path = verdict[0], verdict[1:]

	// Commit: keep the path's slots and go on from its last node.
	last := int32(0)
	g.visible[slots[0]] = 1
	for _, last = range r.Path {
		g.visible[slots[last]] = 1
	}
	g.state, g.position, g.root = states[last], g.position+length+1, r.Token
	return r
}

// drawTree gives every planned node its token and q, parents first; returns each node's state and the row its children were drawn from.
func (g *generation) drawTree(r *round) (states []uint32, rows []int32) {
	c, kind, depths := g.core, int32(0), make([]int32, g.Nodes)
	if g.Rule == "sequoia" {
		kind = 1
	}
	states, rows = make([]uint32, g.Nodes), make([]int32, g.Nodes)
	r.Tokens[0], states[0] = g.root, after(g.state, g.root)
	for node := range g.Nodes {
		rows[node] = -1
		var children []int32
		for child, parent := range r.Parents {
			if parent == node {
				children = append(children, int32(child))
			}
		}
		if children == nil {
			continue
		}
		rows[node] = node
		at := g.draftLogits + node*g.Vocab*4
		c.put(at, logitsRow(states[node], draft, g.Vocab))
		count := c.call("draft_children", at, g.Vocab, g.draftRequest, g.key, g.position+depths[node], node, int32(len(children)), kind, g.drawn, g.q)
		if count < int32(len(children)) {
			log.Fatalf("%s: node %d got %d of %d children", g.Name, node, count, len(children))
		}
		drawn, q := get[int32](c, g.drawn, count), get[uint32](c, g.q, count)
		for rank, child := range children {
			r.Tokens[child], r.Q[child], depths[child] = drawn[rank], q[rank], depths[node]+1
			states[child] = after(states[node], drawn[rank])
		}
	}
	return states, rows
}
