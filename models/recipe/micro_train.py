"""Trains the micro pair on CPU: the target on the corpus, the draft on the target's probabilities (KL), in one loop.

The draft learns beside the target, which costs no further target pass; then the target is frozen and the draft goes on
alone. Matrices are trained with Muon, embeddings and norms with AdamW. Resumes from `.work/micro.pt`.

    python micro_train.py [--no-compile]
"""
from __future__ import annotations

import sys
import time

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from corpus import WORK
from micro_model import CONTEXT, DRAFT, TARGET, MicroLlama

JOINT_STEPS = 460
DRAFT_STEPS = 80
BATCH = 4
WARMUP = 20
MUON_LR = 6e-3
ADAM_LR = 5e-3
SAVE_EVERY = 20
CHECKPOINT = WORK / 'micro.pt'


def batch_of(stream: np.ndarray, step: int) -> Tensor:
    """[BATCH, CONTEXT + 1] windows; a function of the step alone, so that a resumed run sees the same data."""
    starts = np.random.default_rng(step).integers(0, len(stream) - CONTEXT - 1, BATCH)
    return torch.from_numpy(np.stack([stream[i : i + CONTEXT + 1] for i in starts]).astype(np.int64))


def optimizers_of(model: MicroLlama) -> list[torch.optim.Optimizer]:
    matrices = [w for name, w in model.named_parameters() if w.ndim == 2 and 'embed' not in name]
    others = [w for name, w in model.named_parameters() if w.ndim == 1 or 'embed' in name]
    return [
        torch.optim.Muon(matrices, lr=MUON_LR, weight_decay=0.05, adjust_lr_fn='match_rms_adamw'),
        torch.optim.AdamW(others, lr=ADAM_LR, betas=(0.9, 0.95), weight_decay=0.0),
    ]


def set_rate(optimizers: list[torch.optim.Optimizer], step: int, total: int) -> None:
    """Warm-up, then linear decay to zero."""
    scale_rates(optimizers, min((step + 1) / WARMUP, 1 - step / total))


def scale_rates(optimizers: list[torch.optim.Optimizer], share: float) -> None:
    """Sets every rate to this share of what it was given as."""
    for optimizer in optimizers:
        for group in optimizer.param_groups:
            group['lr'] = share * group.setdefault('peak', group['lr'])


def distance(target_logits: Tensor, draft_logits: Tensor) -> Tensor:
    """KL(target || draft) per token."""
    p = F.log_softmax(target_logits.float().flatten(0, 1), -1)
    q = F.log_softmax(draft_logits.float().flatten(0, 1), -1)
    return F.kl_div(q, p, reduction='batchmean', log_target=True)


def joint_loss(target: MicroLlama, draft: MicroLlama, ids: Tensor) -> tuple[Tensor, Tensor]:
    with torch.autocast('cpu', torch.bfloat16):
        logits = target(ids[:, :-1])
        guess = draft(ids[:, :-1])
    return F.cross_entropy(logits.float().flatten(0, 1), ids[:, 1:].flatten()), distance(logits.detach(), guess)


def draft_loss(target: MicroLlama, draft: MicroLlama, ids: Tensor) -> Tensor:
    with torch.autocast('cpu', torch.bfloat16):
        with torch.no_grad():
            logits = target(ids[:, :-1])
        guess = draft(ids[:, :-1])
    return distance(logits, guess)


@torch.no_grad()
def held_out_losses(target: MicroLlama, draft: MicroLlama) -> tuple[float, float]:
    """Mean cross entropy in nats per token on the held-out stream, in windows of the whole context."""
    stream = np.load(WORK / 'held-out.npy')
    windows = len(stream) // (CONTEXT + 1)
    ids = torch.from_numpy(stream[: windows * (CONTEXT + 1)].reshape(windows, -1).astype(np.int64))
    mean = lambda model: float(np.mean([F.cross_entropy(model(row[None, :-1])[0].float(), row[1:]).item() for row in ids]))
    return mean(target), mean(draft)


def save(step: int, models: list[MicroLlama], optimizers: list[torch.optim.Optimizer]) -> None:
    state = {'step': step, 'models': [m.state_dict() for m in models], 'optimizers': [o.state_dict() for o in optimizers]}
    torch.save(state, CHECKPOINT.with_suffix('.tmp'))
    CHECKPOINT.with_suffix('.tmp').replace(CHECKPOINT)


def load_models() -> tuple[MicroLlama, MicroLlama]:
    """Target and draft from the checkpoint, fp32."""
    target, draft = MicroLlama(TARGET), MicroLlama(DRAFT)
    states = torch.load(CHECKPOINT, weights_only=True)['models']
    target.load_state_dict(states[0])
    draft.load_state_dict(states[1])
    return target.eval(), draft.eval()


def main(compiled: bool) -> None:
    torch.manual_seed(1)
    stream = np.load(WORK / 'train.npy', mmap_mode='r')
    target, draft = MicroLlama(TARGET), MicroLlama(DRAFT)
    target_opts, draft_opts = optimizers_of(target), optimizers_of(draft)
    first = 0
    if CHECKPOINT.exists():
        state = torch.load(CHECKPOINT, weights_only=True)
        first = state['step']
        for part, saved in zip([target, draft, *target_opts, *draft_opts], state['models'] + state['optimizers']):
            part.load_state_dict(saved)
    joint, alone = (torch.compile(joint_loss), torch.compile(draft_loss)) if compiled else (joint_loss, draft_loss)
    began = time.time()
    for step in range(first, JOINT_STEPS + DRAFT_STEPS):
        ids = batch_of(stream, step)
        set_rate(draft_opts, step, JOINT_STEPS + DRAFT_STEPS)
        if step < JOINT_STEPS:
            set_rate(target_opts, step, JOINT_STEPS)
            loss, gap = joint(target, draft, ids)
            (loss + gap).backward()
            torch.nn.utils.clip_grad_norm_(target.parameters(), 1.0)
        else:
            gap = alone(target, draft, ids)
            gap.backward()
        torch.nn.utils.clip_grad_norm_(draft.parameters(), 1.0)
        for optimizer in (target_opts if step < JOINT_STEPS else []) + draft_opts:
            optimizer.step()
            optimizer.zero_grad()
        for optimizer in target_opts:
            optimizer.zero_grad()
        if step % 10 == 0:
            print(f'step {step}: target {loss.item() if step < JOINT_STEPS else 0:.3f}, draft KL {gap.item():.3f}, {time.time() - began:.0f} s', flush=True)
        if (step + 1) % SAVE_EVERY == 0 or step + 1 == JOINT_STEPS + DRAFT_STEPS:
            save(step + 1, [target, draft], [*target_opts, *draft_opts])
    print('held-out loss, nats per token: target %.3f, draft %.3f' % held_out_losses(target.eval(), draft.eval()))


if __name__ == '__main__':
    main('--no-compile' not in sys.argv)
