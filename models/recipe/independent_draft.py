"""A draft of the paper's kind for SmolLM2, to compare the feature drafter with: an independent small Llama with the target's tokenizer, trained on the same conversations.

It knows the target by its text alone: cross entropy on the tokens, no features. Its embeddings start as the target's, projected on their main axes. Three layers and
49,152 tied embeddings of width 192 make a file as large as the feature drafter's. Resumes from `.work/independent.pt`.

    python independent_draft.py MODEL.gguf SELFTEXT.npy [--steps 1200]      -> .work/independent.gguf, .work/independent.json
"""
from __future__ import annotations

import argparse
import json
import time

import gguf
import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from corpus import WORK
from draft_train import EVALUATED, HELD_OUT, SYSTEM_TURN, Muon32
from gguf_io import load_llama, open_gguf
from micro_acceptance import KINDS, RANKS, kinds_of_shares
from micro_export import add_shape, write_weights
from micro_model import CONTEXT, MicroLlama, Shape
from micro_train import scale_rates

SHAPE = Shape(hidden=192, layers=3, heads=3, kv_heads=1, ffn=512)
BATCH = 4
WARMUP = 40
MUON_LR = 5e-3
EMBEDDING_LR = 2e-3
SAVE_EVERY = 50
EVERY = 4
SEED = 7
CHECKPOINT = WORK / 'independent.pt'


def projected(embedding: Tensor, width: int) -> Tensor:
    """[vocab, width]: what of the target's embeddings lies on their main axes, at the scale of small models."""
    centred = embedding - embedding.mean(0)
    axes = torch.linalg.eigh(centred.T @ centred).eigenvectors[:, -width:]
    table = centred @ axes
    return 0.02 * table / table.std()


def optimizers_of(model: MicroLlama) -> list[torch.optim.Optimizer]:
    is_matrix = lambda name, weight: weight.ndim == 2 and 'embed' not in name
    named = list(model.named_parameters())
    return [
        Muon32([w for name, w in named if is_matrix(name, w)], lr=MUON_LR),
        torch.optim.AdamW([w for name, w in named if not is_matrix(name, w)], lr=EMBEDDING_LR, betas=(0.9, 0.95), weight_decay=0.0),
    ]


def train(model: MicroLlama, ids: np.ndarray, steps: int) -> None:
    optimizers = optimizers_of(model)
    first = 0
    if CHECKPOINT.exists():
        saved = torch.load(CHECKPOINT, weights_only=True)
        first = saved['step']
        model.load_state_dict(saved['model'])
        for optimizer, state in zip(optimizers, saved['optimizers']):
            optimizer.load_state_dict(state)
    order = np.random.default_rng(5).permutation(len(ids))
    began = time.time()
    for step in range(first, steps):
        rows = order[np.arange(step * BATCH, (step + 1) * BATCH) % len(order)]
        tokens = torch.from_numpy(ids[rows].astype(np.int64))
        scale_rates(optimizers, min((step + 1) / WARMUP, 1 - step / steps))
        for optimizer in optimizers:
            optimizer.zero_grad(set_to_none=True)
        loss = F.cross_entropy(model(tokens[:, :-1])[:, SYSTEM_TURN:].flatten(0, 1), tokens[:, 1 + SYSTEM_TURN :].flatten())
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        for optimizer in optimizers:
            optimizer.step()
        if step % 10 == 0:
            print(f'step {step} loss {loss.item():.3f}, {time.time() - began:.0f} s', flush=True)
        if (step + 1) % SAVE_EVERY == 0 or step + 1 == steps:
            torch.save({'step': step + 1, 'model': model.state_dict(), 'optimizers': [o.state_dict() for o in optimizers]}, CHECKPOINT.with_suffix('.part'))
            CHECKPOINT.with_suffix('.part').replace(CHECKPOINT)


@torch.no_grad()
def measure(target, draft: MicroLlama, ids: np.ndarray) -> dict:
    """Acceptance by rank as `draft_export.py` measures it. A draft that reads only text is as good on every level below accepted tokens."""
    sums = {kind: np.zeros(RANKS) for kind in KINDS}
    generator = torch.Generator().manual_seed(SEED)
    for row in ids:
        tokens = torch.from_numpy(row.astype(np.int64))[None]
        p, q = (F.log_softmax(logits[0, SYSTEM_TURN:-1:EVERY], -1) for logits in (target(tokens).logits, draft(tokens)))
        for kind, shares in kinds_of_shares(p, q, generator).items():
            sums[kind] += shares
    return {kind: (total / len(ids)).round(5).tolist() for kind, total in sums.items()}


def write(draft: MicroLlama, model: str, acceptance: dict[str, list[float]]) -> None:
    reader, meta = open_gguf(model)
    path = WORK / 'independent.gguf'
    writer = gguf.GGUFWriter(str(path), 'llama')
    writer.add_name('independent draft of SmolLM2-135M-Instruct')
    add_shape(writer, SHAPE, draft.embed_tokens.num_embeddings)
    for key, field in reader.fields.items():
        if key.startswith('tokenizer.'):
            kind, *inner = field.types
            writer.add_key_value(key, meta[key], kind, inner[-1] if inner else None)
    writer.add_string('sequoia.acceptance.target', meta['general.name'])
    for kind, vector in acceptance.items():
        writer.add_array(f'sequoia.acceptance.{kind}', vector)
    write_weights(writer, draft)
    print(f'{path.name}: {path.stat().st_size:,} bytes')


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument('model')
    parser.add_argument('selftext')
    parser.add_argument('--steps', type=int, default=1200)
    options = parser.parse_args()
    torch.manual_seed(5)
    ids = np.load(options.selftext)
    target, _ = load_llama(options.model)
    draft = MicroLlama(SHAPE, target.config.vocab_size)
    with torch.no_grad():
        draft.embed_tokens.weight.copy_(projected(target.model.embed_tokens.weight, SHAPE.hidden))
    assert ids.shape[1] <= CONTEXT
    train(draft, ids[:-HELD_OUT], options.steps)
    report = measure(target, draft.eval(), ids[-HELD_OUT:][:EVALUATED])
    (WORK / 'independent.json').write_text(json.dumps(report, indent=1) + '\n')
    write(draft, options.model, {'greedy': report['greedy'], 'sampled': report['T=0.8']})
    print({kind: vector[:4] for kind, vector in report.items()})


if __name__ == '__main__':
    main()
