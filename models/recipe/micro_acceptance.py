"""Measures the draft's acceptance vector: the probability that the i-th child in draw order is the accepted one.

Contexts are the target's own texts, continued from held-out documents. Greedy: the rank of the target's argmax in the draft's
order. Sampled: coupled verification at T=0.8: with the same Gumbel noise for both, the rank of the target's draw in the draft's
order (its children are the top k of log q + noise). Both models teacher-forced in fp32.
"""
from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from corpus import WORK

PROMPTS, PROMPT_TOKENS, NEW_TOKENS = 64, 64, 96
TEMPERATURE = 0.8
NOISE_DRAWS = 4
RANKS = 16
SEED = 7


def prompts() -> Tensor:
    """[PROMPTS, PROMPT_TOKENS] evenly spaced windows of the held-out stream."""
    stream = np.load(WORK / 'held-out.npy').astype(np.int64)
    starts = np.linspace(0, len(stream) - PROMPT_TOKENS - 1, PROMPTS).astype(int)
    return torch.from_numpy(np.stack([stream[i : i + PROMPT_TOKENS] for i in starts]))


def gumbel(shape: torch.Size, generator: torch.Generator) -> Tensor:
    return -torch.log(-torch.log(torch.rand(shape, generator=generator).clamp_(1e-20, 1 - 1e-7)))


def rank_shares(target_scores: Tensor, draft_scores: Tensor) -> np.ndarray:
    """[RANKS] share of rows whose target choice (argmax) has that rank in the draft's order. Scores [n, vocab]."""
    choice = target_scores.argmax(-1, keepdim=True)
    ranks = (draft_scores > draft_scores.gather(1, choice)).sum(-1)
    return np.bincount(ranks[ranks < RANKS].numpy(), minlength=RANKS) / len(ranks)


TEMPERATURES = {'T=0.8': 0.8, 'T=1': 1.0}
KINDS = ('greedy', *TEMPERATURES)


def kinds_of_shares(p: Tensor, q: Tensor, generator: torch.Generator) -> dict[str, np.ndarray]:
    """[RANKS] shares by kind: greedy, and sampled with one draw of noise that target and draft share. Log probabilities [n, vocab]."""
    shares = {'greedy': rank_shares(p, q)}
    for kind, temperature in TEMPERATURES.items():
        noise = gumbel(p.shape, generator)
        shares[kind] = rank_shares(p / temperature + noise, q / temperature + noise)
    return shares


@torch.no_grad()
def measure(target, draft) -> dict:
    """Both vectors as JSON. target, draft: LlamaForCausalLM, fp32."""
    report = {
        'what': 'p[i] = probability that the i-th child in draw order is the accepted one (draft.gguf for target.gguf, level 1)',
        'how': f"{PROMPTS} held-out windows of {PROMPT_TOKENS} tokens, each continued for {NEW_TOKENS} tokens by the target itself; both models teacher-forced in fp32 on the written Q8_0 weights (models/recipe/micro_acceptance.py)",
        'positions': PROMPTS * NEW_TOKENS,
    }
    generator = torch.Generator().manual_seed(SEED)
    for kind in ('greedy', 'sampled'):
        torch.manual_seed(SEED)
        sampling = {'do_sample': True, 'temperature': TEMPERATURE, 'top_k': 0, 'top_p': 1.0} if kind == 'sampled' else {'do_sample': False}
        ids = target.generate(prompts(), max_new_tokens=NEW_TOKENS, min_new_tokens=NEW_TOKENS, pad_token_id=0, eos_token_id=None, **sampling)
        spans = [model(row[None]).logits[0, PROMPT_TOKENS - 1 : -1].log_softmax(-1) for row in ids for model in (target, draft)]
        p, q = torch.cat(spans[::2]), torch.cat(spans[1::2])
        if kind == 'greedy':
            shares = rank_shares(p, q)
        else:
            noises = [gumbel(p.shape, generator) for _ in range(NOISE_DRAWS)]
            shares = np.mean([rank_shares(p / TEMPERATURE + noise, q / TEMPERATURE + noise) for noise in noises], 0)
        kl = (p.exp() * (p - q)).sum(-1).mean().item()
        report[kind] = {'p': [round(float(x), 5) for x in shares], 'none': round(1 - float(shares.sum()), 5), 'kl': round(kl, 4)}
    report['sampled'].update(temperature=TEMPERATURE, rule='coupled', noiseDraws=NOISE_DRAWS)
    return report
