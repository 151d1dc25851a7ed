"""The feature drafter of SmolLM2-135M-Instruct (EAGLE family, arXiv 2401.15077 and 2406.16858) in PyTorch.

One Llama layer reads, in each row, the embedding of a token and the target's feature of the token before it, and predicts the next feature and token.
Features are what the target's last norm makes before its weight: x / rms(x), the checkpoint's basis, width 576.

Row t of level 1 reads (token t + 1, feature t) and predicts feature t + 1 and the distribution of token t + 2. Level k reads its own features of
level k - 1 in place of the target's, as drafting does below the first level of a tree.
"""
from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from gguf_io import LAYER_NAMES
from micro_model import HEAD_DIM, NORM_EPS, Layer, Shape, rotate

SHAPE = Shape(hidden=576, layers=1, heads=9, kv_heads=3, ffn=1536)
REDUCED_VOCAB = 8192
ROPE_THETA = 100_000.0
GGUF_NAMES = {hf: name for name, hf in LAYER_NAMES.items()}


def rope_table(length: int) -> tuple[Tensor, Tensor]:
    """cos and sin [length, head_dim], the two halves alike."""
    rates = ROPE_THETA ** (-torch.arange(0, HEAD_DIM, 2) / HEAD_DIM)
    angles = torch.outer(torch.arange(length).float(), rates)
    return torch.cat([angles, angles], -1).cos(), torch.cat([angles, angles], -1).sin()


def unit(x: Tensor) -> Tensor:
    """x / rms(x)."""
    return F.rms_norm(x, x.shape[-1:], eps=NORM_EPS)


class FeatureDraft(nn.Module):
    def __init__(self, embedding: Tensor, head: Tensor, tokens: Tensor):
        """`embedding` [vocab, hidden] of the target, frozen; `head` [reduced, hidden] to start from; `tokens` [reduced] ids of the head's rows."""
        super().__init__()
        self.register_buffer('embedding', unit(embedding), persistent=False)
        self.register_buffer('tokens', tokens)
        self.fc = nn.Linear(2 * SHAPE.hidden, SHAPE.hidden, bias=False)
        self.layer = Layer(SHAPE)
        self.head = nn.Parameter(head.clone())
        with torch.no_grad():
            # At first the draft repeats the feature it is given.
            self.fc.weight.normal_(0, 0.01)
            self.fc.weight[:, SHAPE.hidden :] += torch.eye(SHAPE.hidden)
            self.layer.self_attn.o_proj.weight.mul_(0.2)
            self.layer.mlp.down_proj.weight.mul_(0.2)

    def levels(self, ids: Tensor, features: Tensor, count: int) -> list[Tensor]:
        """ids [batch, T + 1], target features [batch, T, hidden] of tokens 0 .. T - 1; per level the predicted features [batch, T, hidden] of tokens 1 .. T."""
        embedded = self.embedding[ids[:, 1:]]
        cos, sin = (table.to(features.device) for table in rope_table(features.shape[1]))
        past: list[tuple[Tensor, Tensor]] = []
        given, out = features, []
        for _ in range(count):
            predicted = self.one_level(embedded, given, past, cos, sin)
            out.append(predicted)
            # Row t of the next level reads what row t - 1 predicted; its first row has nothing to read and counts for nothing.
            given = F.pad(predicted[:, :-1], (0, 0, 1, 0))
        return out

    def one_level(self, embedded: Tensor, given: Tensor, past: list[tuple[Tensor, Tensor]], cos: Tensor, sin: Tensor) -> Tensor:
        x = self.fc(torch.cat([embedded, given], -1))
        layer = self.layer
        x = x + self.attend(layer.input_layernorm(x), past, cos, sin)
        return unit(x + layer.mlp(layer.post_attention_layernorm(x)))

    def attend(self, x: Tensor, past: list[tuple[Tensor, Tensor]], cos: Tensor, sin: Tensor) -> Tensor:
        """Row t of level k sees level 1 up to row t - k + 1 and, between there and itself, row t - j of level k - j: its own tree path."""
        attn = self.layer.self_attn
        batch, length, _ = x.shape
        split = lambda y: y.view(batch, length, -1, HEAD_DIM).transpose(1, 2)
        q, k, v = split(attn.q_proj(x)), split(attn.k_proj(x)), split(attn.v_proj(x))
        q, k = rotate(q, cos, sin), rotate(k, cos, sin)
        past.append((k.repeat_interleave(attn.groups, 1), v.repeat_interleave(attn.groups, 1)))
        depth = len(past) - 1
        if depth == 0:
            y = F.scaled_dot_product_attention(q, *past[0], is_causal=True)
        else:
            y = self.attend_path(q, past, depth)
        return attn.o_proj(y.transpose(1, 2).reshape(batch, length, -1))

    @staticmethod
    def attend_path(q: Tensor, past: list[tuple[Tensor, Tensor]], depth: int) -> Tensor:
        length = q.shape[2]
        scale = HEAD_DIM**-0.5
        first = (q @ past[0][0].transpose(-1, -2)) * scale
        hidden = torch.ones(length, length, dtype=torch.bool, device=q.device).triu(1 - depth)
        scores = [first.masked_fill(hidden, -1e30)]
        shifted = []
        for level in range(1, depth + 1):
            back = depth - level
            shift = lambda y: F.pad(y[:, :, : length - back], (0, 0, back, 0))
            k, v = shift(past[level][0]), shift(past[level][1])
            shifted.append(v)
            scores.append((q * k).sum(-1, keepdim=True) * scale)
        weights = torch.cat(scores, -1).softmax(-1)
        y = weights[..., :length] @ past[0][1]
        for i, v in enumerate(shifted):
            y = y + weights[..., length + i : length + i + 1] * v
        return y


def gguf_name(name: str) -> str:
    """Parameter name -> tensor name; q and k rows stay in half-split order."""
    if name == 'head':
        return 'head.weight'
    if name == 'fc.weight':
        return name
    return f"blk.0.{GGUF_NAMES[name.removeprefix('layer.').removesuffix('.weight')]}.weight"
