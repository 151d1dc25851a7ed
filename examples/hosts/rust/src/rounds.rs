//! One session under way: plan, draft, mask, verify, commit.

use crate::{Result, core::Core};
use serde_json::{Value, json};

const TARGET: u32 = 1;
const DRAFT: u32 = 2;

fn step(state: u32) -> u32 {
    state.wrapping_mul(1664525).wrapping_add(1013904223)
}

fn after(state: u32, token: i32) -> u32 {
    step(state ^ step(token as u32))
}

/// Stands in for a model: the logits that follow a state, as bytes.
fn logits_row(state: u32, model: u32, vocab: i32) -> impl Iterator<Item = [u8; 4]> {
    let (mut shared, mut own) = (state, step(state ^ model));
    (0..vocab).map(move |_| {
        (shared, own) = (step(shared), step(own));
        ((3 * (shared >> 16) + (own >> 16)) as f32 / 16384.0 - 8.0).to_le_bytes()
    })
}

/// Addresses of the session's arrays in the module's memory, and what the rounds so far have left.
pub struct Generation {
    coupled: bool,
    vocab: i32,
    nodes: i32,
    /// Arguments that `plan_frontier` and `plan_tree` share: acceptance, levels, ranks, nodes, depth.
    plan: [i32; 5],
    sampling: [i32; 2],
    key: i32,
    frontier: i32,
    /// i32 [nodes] each: parents, tokens, slots, rows, verdict, drawn tokens, their q.
    arrays: [i32; 7],
    mask: [i32; 2],
    logits: [i32; 2],
    visible: Vec<u8>,
    position: i32,
    state: u32,
    pub root: i32,
}

/// A tree with its tokens: an item per node. `rows` are the draft's rows that children were drawn from, -1 for leaves.
struct Drawn {
    tokens: Vec<i32>,
    q: Vec<u32>,
    states: Vec<u32>,
    rows: Vec<i32>,
}

impl Generation {
    pub fn begin(core: &mut Core, session: &Value) -> Result<Self> {
        let whole = |name: &str| session[name].as_i64().unwrap() as i32;
        let (vocab, nodes, depth, slots, position) = (whole("vocab"), whole("nodes"), whole("depth"), whole("slots"), whole("position"));
        let request = |core: &mut Core, name: &str| {
            let part = &session[name];
            let float = |field: &str| part[field].as_f64().unwrap().to_le_bytes();
            core.place(&[float("temperature"), float("topP"), float("minP"), part["topK"].as_i64().unwrap().to_le_bytes()])
        };
        let levels = session["acceptance"].as_array().unwrap();
        let acceptance: Vec<_> = levels.iter().flat_map(|level| level.as_array().unwrap()).map(|p| p.as_f64().unwrap().to_le_bytes()).collect();
        let key = [&session["seed"][0], &session["seed"][1], &session["choice"]].map(|word| (word.as_u64().unwrap() as u32).to_le_bytes());
        let mut arrays = [0; 7];
        for array in &mut arrays {
            *array = core.alloc(nodes * 4)?;
        }
        let mut generation = Self {
            coupled: session["rule"] == "coupled",
            vocab,
            nodes,
            plan: [core.place(&acceptance)?, levels.len() as i32, (acceptance.len() / levels.len()) as i32, nodes, depth],
            sampling: [request(core, "sampling")?, request(core, "draftSampling")?],
            key: core.place(&key)?,
            frontier: core.alloc((depth + 1) * (nodes + 1) * 8)?,
            arrays,
            mask: [core.alloc(slots)?, core.alloc(nodes * slots)?],
            logits: [core.alloc(nodes * vocab * 4)?, core.alloc(nodes * vocab * 4)?],
            visible: (0..slots).map(|slot| (slot < position) as u8).collect(),
            position,
            state: whole("state") as u32,
            root: 0,
        };
        core.put(generation.logits[0], logits_row(generation.state, TARGET, vocab))?;
        generation.root = core.call("choose_token", &[generation.logits[0], vocab, generation.sampling[0], generation.key, position - 1])?;
        Ok(generation)
    }

    /// Plays one round; its results are whole numbers and text, so that equal means the same bits.
    pub fn play(&mut self, core: &mut Core) -> Result<Value> {
        let (m, vocab, key, position) = (self.nodes as usize, self.vocab, self.key, self.position);
        let [parents_at, tokens_at, slots_at, rows_at, verdict_at, ..] = self.arrays;
        let [acceptance, levels, ranks, nodes, depth] = self.plan;
        core.call("plan_frontier", &[acceptance, levels, ranks, nodes, depth, self.frontier])?;
        core.call("plan_tree", &[acceptance, levels, ranks, nodes, depth, parents_at])?;
        let parents = core.get(parents_at, m, i32::from_le_bytes);
        let expected = core.get(self.frontier + (depth * (nodes + 1) + nodes) * 8, 1, u64::from_le_bytes)[0];

        let Drawn { tokens, q, states, rows } = self.draw_tree(core, &parents)?;

        // The target's pass over all nodes: each takes a free slot and sees its own path alone.
        let size = self.visible.len();
        let slots: Vec<usize> = (0..size).filter(|&slot| self.visible[slot] == 0).take(m).collect();
        core.put(self.mask[0], self.visible.iter().map(|&seen| [seen]))?;
        core.put(slots_at, slots.iter().map(|&slot| (slot as i32).to_le_bytes()))?;
        core.call("ancestor_mask", &[self.mask[0], size as i32, parents_at, slots_at, nodes, self.mask[1]])?;
        let mask: Vec<String> = (0..m).map(|node| core.get(self.mask[1] + (node * size) as i32, size, |[seen]| char::from(b'0' + seen)).into_iter().collect()).collect();
        for (node, &state) in states.iter().enumerate() {
            core.put(self.logits[0] + node as i32 * vocab * 4, logits_row(state, TARGET, vocab))?;
        }

        core.put(tokens_at, tokens.iter().map(|token| token.to_le_bytes()))?;
        core.put(rows_at, rows.iter().map(|row| row.to_le_bytes()))?;
        let [target, draft] = self.logits;
        let [sampling, draft_sampling] = self.sampling;
        let length = if self.coupled {
            core.call("verify_coupled", &[parents_at, tokens_at, nodes, target, vocab, sampling, key, position, verdict_at])?
        } else {
            core.call("verify_sequoia", &[parents_at, tokens_at, nodes, target, draft, nodes, rows_at, vocab, sampling, draft_sampling, key, position, verdict_at])?
        };
        let verdict = core.get(verdict_at, length as usize + 1, i32::from_le_bytes);
        let (token, path) = (verdict[0], &verdict[1..]);

        // Commit: keep the path's slots and go on from its last node.
        for kept in std::iter::once(0).chain(path.iter().copied()) {
            self.visible[slots[kept as usize]] = 1;
            self.state = states[kept as usize];
        }
        self.position += length + 1;
        self.root = token;
        Ok(json!({ "expected": format!("{expected:016x}"), "parents": parents, "tokens": tokens, "q": q, "mask": mask, "path": path, "token": token }))
    }

    /// Gives every planned node its token and q, parents first.
    fn draw_tree(&self, core: &mut Core, parents: &[i32]) -> Result<Drawn> {
        let m = parents.len();
        let (mut tokens, mut q, mut states, mut rows, mut depths) = (vec![self.root; m], vec![0; m], vec![after(self.state, self.root); m], vec![-1; m], vec![0; m]);
        let [.., drawn_at, q_at] = self.arrays;
        for node in 0..m {
            let children: Vec<usize> = (0..m).filter(|&child| parents[child] == node as i32).collect();
            if children.is_empty() {
                continue;
            }
            rows[node] = node as i32;
            let row = self.logits[1] + node as i32 * self.vocab * 4;
            core.put(row, logits_row(states[node], DRAFT, self.vocab))?;
            let kind = if self.coupled { 0 } else { 1 };
            let arguments = [row, self.vocab, self.sampling[1], self.key, self.position + depths[node], node as i32, children.len() as i32, kind, drawn_at, q_at];
            let count = core.call("draft_children", &arguments)? as usize;
            if count < children.len() {
                return Err(format!("node {node} got {count} of {} children", children.len()).into());
            }
            let (drawn, chances) = (core.get(drawn_at, count, i32::from_le_bytes), core.get(q_at, count, u32::from_le_bytes));
            for (rank, &child) in children.iter().enumerate() {
                (tokens[child], q[child], depths[child]) = (drawn[rank], chances[rank], depths[node] + 1);
                states[child] = after(states[node], drawn[rank]);
            }
        }
        Ok(Drawn { tokens, q, states, rows })
    }
}
