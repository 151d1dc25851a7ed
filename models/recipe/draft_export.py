"""Writes the trained feature drafter as GGUF (architecture `sequoia-draft`, Q8_0 matrices) with its acceptance measured on the written weights.

    python draft_export.py MODEL.gguf        .work/draft.pt -> models/smollm2-135m-draft/{draft.gguf,acceptance.json}

Acceptance: on the held-out conversations, every {EVERY}th position, teacher-forced in fp32, per level: the probability that the i-th child in draw order is the one the target
takes, greedy and at T = 0.8 and 1.0 with the noise that coupled verification shares.
"""
from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path

import gguf
import numpy as np
import torch
import torch.nn.functional as F

from corpus import HERE, WORK
from draft_model import ROPE_THETA, SHAPE, FeatureDraft, gguf_name
from draft_train import CHECKPOINT, EVALUATED, FEATURES, HELD_OUT, SYSTEM_TURN
from gguf_io import add_weight, load_llama, rounded, write_file
from micro_acceptance import KINDS, RANKS, kinds_of_shares
from micro_model import HEAD_DIM, NORM_EPS

OUT = HERE.parent / 'smollm2-135m-draft'
NAME = 'SmolLM2-135M-Instruct'
ARCHITECTURE = 'sequoia-draft'
LEVELS = 3
EVERY = 4
SEED = 7


def write(path: Path, draft: FeatureDraft, norm: torch.Tensor, vocab: int, context: int, acceptance: dict[str, list[list[float]]]) -> None:
    writer = gguf.GGUFWriter(str(path), ARCHITECTURE)
    writer.add_name(f'{NAME} feature drafter')
    writer.add_author('sequoia-onnx contributors')
    writer.add_license('apache-2.0')
    writer.add_description(f'Trained on conversations that {NAME} (Apache-2.0) wrote itself; its head started from that model\'s embeddings.')
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_Q8_0)
    writer.add_quantization_version(gguf.GGML_QUANT_VERSION)
    writer.add_vocab_size(vocab)
    writer.add_context_length(context)
    writer.add_embedding_length(SHAPE.hidden)
    writer.add_feed_forward_length(SHAPE.ffn)
    writer.add_head_count(SHAPE.heads)
    writer.add_head_count_kv(SHAPE.kv_heads)
    writer.add_key_length(HEAD_DIM)
    writer.add_rope_freq_base(ROPE_THETA)
    writer.add_layer_norm_rms_eps(NORM_EPS)
    writer.add_array(f'{ARCHITECTURE}.tokens', draft.tokens.tolist())
    writer.add_string(f'{ARCHITECTURE}.target.name', NAME)
    writer.add_string(f'{ARCHITECTURE}.target.norm_sha256', hashlib.sha256(norm.numpy().astype('<f4').tobytes()).hexdigest())
    writer.add_uint32(f'{ARCHITECTURE}.acceptance.levels', LEVELS)
    for kind, levels in acceptance.items():
        writer.add_array(f'{ARCHITECTURE}.acceptance.{kind}', [p for level in levels for p in level])
    for name, weight in draft.named_parameters():
        add_weight(writer, gguf_name(name), weight.detach().float().numpy())
    write_file(writer)
    print(f'{path.name}: {path.stat().st_size:,} bytes')


def as_written(draft: FeatureDraft) -> None:
    """Rounds the weights as the file will have them."""
    with torch.no_grad():
        for weight in draft.parameters():
            if weight.ndim == 2:
                weight.copy_(torch.from_numpy(gguf.dequantize(rounded(weight.float().numpy()), gguf.GGMLQuantizationType.Q8_0)).view_as(weight))


@torch.no_grad()
def measure(draft: FeatureDraft, ids: np.ndarray, features: np.ndarray, head: torch.Tensor) -> dict:
    sums = {kind: np.zeros((LEVELS, RANKS)) for kind in KINDS}
    generator = torch.Generator().manual_seed(SEED)
    for row, feature in zip(ids, features):
        tokens, truth = torch.from_numpy(row.astype(np.int64))[None], torch.from_numpy(feature).float()[None]
        for level, predicted in enumerate(draft.levels(tokens[:, :-1], truth[:, :-2], LEVELS)):
            p = F.log_softmax(truth[0, 1:-1][SYSTEM_TURN::EVERY] @ head.T, -1)
            q = torch.full_like(p, -torch.inf)
            q[:, draft.tokens] = F.log_softmax(predicted[0, SYSTEM_TURN::EVERY] @ draft.head.T, -1)
            for kind, shares in kinds_of_shares(p, q, generator).items():
                sums[kind][level] += shares
    shares = {kind: (total / len(ids)).round(5).tolist() for kind, total in sums.items()}
    what = 'per kind and level: p[i] = probability that the i-th child in draw order is the accepted one'
    how = f'{len(ids)} held-out conversations, every {EVERY}th position, teacher-forced in fp32 on the written Q8_0 weights; levels below the first read the draft\'s own features (models/recipe/draft_export.py)'
    return {'what': what, 'how': how, 'positions': len(ids) * len(range(SYSTEM_TURN, ids.shape[1] - 2, EVERY)), **shares}


def main(model: str, selftext: str) -> None:
    OUT.mkdir(exist_ok=True)
    target, _ = load_llama(model)
    embedding, norm = target.model.embed_tokens.weight.detach(), target.model.norm.weight.detach()
    saved = torch.load(CHECKPOINT, weights_only=True)['draft']
    draft = FeatureDraft(embedding, saved['head'], saved['tokens'])
    draft.load_state_dict(saved)
    as_written(draft)
    ids = np.load(selftext)
    held_out = np.arange(len(ids) - HELD_OUT, len(ids))[:EVALUATED]
    report = measure(draft, ids[held_out], np.load(FEATURES, mmap_mode='r')[held_out], embedding * norm)
    (OUT / 'acceptance.json').write_text(json.dumps(report, indent=1) + '\n')
    write(OUT / 'draft.gguf', draft, norm, len(embedding), target.config.max_position_embeddings, {'greedy': report['greedy'], 'sampled': report['T=0.8']})
    print({kind: [level[:4] for level in report[kind]] for kind in KINDS})


if __name__ == '__main__':
    main(sys.argv[1], sys.argv[2])
