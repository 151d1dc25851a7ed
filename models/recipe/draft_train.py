"""Trains the feature drafter on the target's own conversations, in one loop: the target reads new conversations and leaves its features, the draft
trains on those and on earlier ones. Resumes from `.work/draft.pt`; features are kept in `.work/draft-features.npy` (396 KB a conversation).

    python draft_train.py MODEL.gguf SELFTEXT.npy [--minutes 75] [--start DRAFT.gguf] [--bf16] [--device cuda]

`--start` begins with the weights of a draft trained before in place of new ones; `--bf16` multiplies in bf16, where the processor has units for it;
`--device` says where to compute.
The schedule follows the minutes spent training, over all runs: first one level, then two levels unrolled; the rate falls to zero at the end.
Matrices are trained with Muon, the head and the norms with AdamW.
"""
from __future__ import annotations

import argparse
import time

import gguf
import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from corpus import WORK
from draft_model import REDUCED_VOCAB, SHAPE, FeatureDraft, gguf_name, unit
from gguf_io import load_llama
from micro_train import scale_rates

HELD_OUT = 200
EVALUATED = 24
SYSTEM_TURN = 24
BATCH = 6
NEW_A_STEP = 3
TARGET_BATCH = 6
WARMUP_STEPS = 30
ONE_LEVEL_SHARE = 0.5
DECAY_FROM = 0.6
LEVEL_WEIGHTS = (1.0, 0.8)
FEATURE_WEIGHT = 0.2
MUON_LR = 4e-3
HEAD_LR = 6e-4
CHECKPOINT = WORK / 'draft.pt'
FEATURES = WORK / 'draft-features.npy'


class Muon32(torch.optim.Optimizer):
    """Muon (K. Jordan, 2024) with its Newton-Schulz iteration in fp32: PyTorch's own runs in bf16, which is slow on CPUs that only emulate it."""

    COEFFICIENTS = (3.4445, -4.7750, 2.0315)

    def __init__(self, params, lr: float, momentum: float = 0.95, weight_decay: float = 0.02):
        super().__init__(params, {'lr': lr, 'momentum': momentum, 'weight_decay': weight_decay})

    @torch.no_grad()
    def step(self) -> None:
        for group in self.param_groups:
            for weight in group['params']:
                state = self.state[weight]
                buffer = state.setdefault('momentum', torch.zeros_like(weight))
                buffer.lerp_(weight.grad, 1 - group['momentum'])
                update = self.orthogonal(weight.grad.lerp(buffer, group['momentum']))
                weight.mul_(1 - group['lr'] * group['weight_decay'])
                # As large as AdamW's usual update: rms 0.2.
                weight.add_(update, alpha=-0.2 * group['lr'] * max(weight.shape) ** 0.5)

    @classmethod
    def orthogonal(cls, update: Tensor) -> Tensor:
        """The nearest matrix whose singular values are all near 1."""
        a, b, c = cls.COEFFICIENTS
        is_tall = update.shape[0] > update.shape[1]
        x = update.T if is_tall else update
        x = x / (x.norm() + 1e-7)
        for _ in range(5):
            gram = x @ x.T
            x = a * x + (b * gram + c * gram @ gram) @ x
        return x.T if is_tall else x


class Target:
    """The target's features, computed once per conversation and kept in a file."""

    def __init__(self, path: str, ids: np.ndarray, known: int, device: str):
        model, _ = load_llama(path)
        self.model = model.to(device)
        self.ids, self.known, self.device = ids, known, device
        shape = (len(ids), ids.shape[1], SHAPE.hidden)
        if FEATURES.exists():
            self.features = np.load(FEATURES, mmap_mode='r+')
        else:
            WORK.mkdir(parents=True, exist_ok=True)
            self.features = np.lib.format.open_memmap(FEATURES, 'w+', np.float16, shape)
        self.model.model.norm.register_forward_pre_hook(lambda _, inputs: setattr(self, 'stream', inputs[0]))

    @torch.no_grad()
    def read(self, rows: np.ndarray) -> None:
        """Computes the features of these rows, [rows, length, hidden]: x / rms(x) before the last norm's weight."""
        self.model.model(self.tokens(rows), use_cache=False)
        self.features[rows] = unit(self.stream).to('cpu', torch.float16).numpy()

    def batch(self, rows: np.ndarray) -> tuple[Tensor, Tensor]:
        return self.tokens(rows), torch.from_numpy(self.features[rows]).to(self.device).float()

    def tokens(self, rows: np.ndarray) -> Tensor:
        return torch.from_numpy(self.ids[rows].astype(np.int64)).to(self.device)


def level_losses(draft: FeatureDraft, ids: Tensor, features: Tensor, truth: Tensor, places: Tensor, levels: int) -> list[Tensor]:
    """Per level: cross entropy to the target on the reduced vocabulary, plus the distance to its feature. `truth`: the target's head for those tokens."""
    predictions = draft.levels(ids[:, :-1], features[:, :-2], levels)
    losses = []
    for level, predicted in enumerate(predictions):
        start = max(SYSTEM_TURN, level)
        goal, guess = features[:, 1:-1][:, start:], predicted[:, start:]
        # A token drawn from the target lies in the reduced vocabulary as often as the target's mass does: the weight of the row, up to chance.
        counts = places[ids[:, 2:]][:, start:] >= 0
        goal, guess = goal[counts], guess[counts]
        p = F.softmax((goal @ truth.T).float(), -1)
        losses.append(F.cross_entropy((guess @ draft.head.T).float(), p) + FEATURE_WEIGHT * F.smooth_l1_loss(guess, goal))
    return losses


@torch.no_grad()
def evaluate(draft: FeatureDraft, target: Target, head: Tensor, rows: np.ndarray) -> str:
    """Per level: agreement with the target's argmax | its argmax among the draft's four | sum of min(p, q) at T = 1, whole vocabulary."""
    sums = torch.zeros(3, 3)
    total = torch.zeros(3)
    for at in range(0, len(rows), 4):
        ids, features = target.batch(rows[at : at + 4])
        for level, predicted in enumerate(draft.levels(ids[:, :-1], features[:, :-2], 3)):
            guess, goal = predicted[:, SYSTEM_TURN:].flatten(0, 1), features[:, 1:-1][:, SYSTEM_TURN:].flatten(0, 1)
            p = F.softmax(goal @ head.T, -1)
            q = torch.zeros_like(p)
            q[:, draft.tokens] = F.softmax(guess @ draft.head.T, -1)
            best = p.argmax(-1)
            top = q.topk(4, -1).indices
            sums[level] += torch.stack([(top[:, 0] == best).float().sum(), (top == best[:, None]).any(-1).float().sum(), torch.minimum(p, q).sum()]).cpu()
            total[level] += len(p)
    return ' / '.join(' '.join(f'{x:.3f}' for x in row) for row in sums / total[:, None])


def optimizers_of(draft: FeatureDraft) -> list[torch.optim.Optimizer]:
    matrices = [w for name, w in draft.named_parameters() if w.ndim == 2 and name != 'head']
    others = [w for name, w in draft.named_parameters() if w.ndim == 1 or name == 'head']
    return [
        Muon32(matrices, lr=MUON_LR),
        torch.optim.AdamW(others, lr=HEAD_LR, betas=(0.9, 0.95), weight_decay=0.0),
    ]


def set_rate(optimizers: list[torch.optim.Optimizer], step: int, spent: float) -> None:
    scale_rates(optimizers, min((step + 1) / WARMUP_STEPS, 1.0, max(0.0, 1 - spent) / (1 - DECAY_FROM)))


def start_from(draft: FeatureDraft, path: str) -> None:
    """Takes over the weights of a written draft; its reduced vocabulary must be this one's."""
    reader = gguf.GGUFReader(path)
    tokens = reader.fields[next(name for name in reader.fields if name.endswith('.tokens'))].contents()
    if tokens != draft.tokens.tolist():
        raise ValueError(f'{path} has another reduced vocabulary than these conversations give')
    weights = {tensor.name: gguf.dequantize(tensor.data, tensor.tensor_type) for tensor in reader.tensors}
    with torch.no_grad():
        for name, weight in draft.named_parameters():
            weight.copy_(torch.from_numpy(weights[gguf_name(name)].astype(np.float32)).view_as(weight))


def reduced_vocabulary(ids: np.ndarray, vocab: int) -> Tensor:
    """The tokens most frequent in the training conversations, ascending."""
    counts = np.bincount(ids[:, SYSTEM_TURN:].ravel(), minlength=vocab)
    return torch.from_numpy(np.sort(np.argsort(-counts, kind='stable')[:REDUCED_VOCAB]).astype(np.int64))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument('model')
    parser.add_argument('selftext')
    parser.add_argument('--minutes', type=float, default=75)
    parser.add_argument('--start')
    parser.add_argument('--bf16', action='store_true')
    parser.add_argument('--device', default='cpu')
    options = parser.parse_args()
    if options.start and CHECKPOINT.exists():
        parser.error(f'--start: there is a run to go on with, {CHECKPOINT}; leave --start out, or delete that file and {FEATURES}')
    torch.manual_seed(5)
    ids = np.load(options.selftext)
    order = np.random.default_rng(5).permutation(len(ids) - HELD_OUT)
    held_out = np.arange(len(ids) - HELD_OUT, len(ids))[:EVALUATED]
    saved = torch.load(CHECKPOINT, map_location=options.device, weights_only=True) if CHECKPOINT.exists() else None
    target = Target(options.model, ids, 0 if saved is None else saved['known'], options.device)
    embedding, norm = target.model.model.embed_tokens.weight.detach(), target.model.model.norm.weight.detach()
    tokens = reduced_vocabulary(ids[: len(ids) - HELD_OUT], len(embedding)).to(options.device)
    head = embedding * norm
    truth = head[tokens].clone()
    places = torch.full((len(embedding),), -1, device=options.device)
    places[tokens] = torch.arange(len(tokens), device=options.device)
    draft = FeatureDraft(embedding, truth, tokens).to(options.device)
    optimizers = optimizers_of(draft)
    fast = lambda: torch.autocast(options.device.partition(':')[0], torch.bfloat16, enabled=options.bf16)
    step, spent = 0, 0.0
    if saved is None:
        if options.start:
            start_from(draft, options.start)
        for at in range(0, EVALUATED, TARGET_BATCH):
            target.read(held_out[at : at + TARGET_BATCH])
    else:
        draft.load_state_dict(saved['draft'])
        for optimizer, state in zip(optimizers, saved['optimizers']):
            optimizer.load_state_dict(state)
        step, spent = saved['step'], saved['minutes']
    budget = options.minutes
    clock = time.time()
    running = None
    while spent < budget:
        if target.known < len(order) and target.known <= step * NEW_A_STEP:
            with fast():
                target.read(order[target.known : target.known + TARGET_BATCH])
            target.known += TARGET_BATCH
        share = spent / budget
        rng = np.random.default_rng(step)
        newest = order[max(0, min(target.known, (step + 1) * NEW_A_STEP) - NEW_A_STEP) :][:NEW_A_STEP]
        rows = np.concatenate([newest, order[rng.integers(0, min(target.known, len(order)), BATCH - len(newest))]])
        levels = 1 if share < ONE_LEVEL_SHARE else len(LEVEL_WEIGHTS)
        with fast():
            losses = level_losses(draft, *target.batch(rows), truth, places, levels)
        weights = LEVEL_WEIGHTS[:levels]
        set_rate(optimizers, step, share)
        for optimizer in optimizers:
            optimizer.zero_grad(set_to_none=True)
        (sum(w * loss for w, loss in zip(weights, losses)) / sum(weights)).backward()
        torch.nn.utils.clip_grad_norm_(draft.parameters(), 1.0)
        with fast():
            for optimizer in optimizers:
                optimizer.step()
        step += 1
        now = time.time()
        spent, clock = spent + (now - clock) / 60, now
        running = losses[0].item() if running is None else 0.95 * running + 0.05 * losses[0].item()
        if step % 10 == 0:
            print(f'step {step} minutes {spent:.1f} conversations {target.known} loss {running:.3f} levels {levels}', flush=True)
        if step % 100 == 0 or spent >= budget:
            state = {'draft': draft.state_dict(), 'optimizers': [o.state_dict() for o in optimizers], 'step': step, 'minutes': spent, 'known': target.known}
            torch.save(state, CHECKPOINT.with_suffix('.part'))
            CHECKPOINT.with_suffix('.part').replace(CHECKPOINT)
            print('held out', evaluate(draft, target, head, held_out), flush=True)


if __name__ == '__main__':
    main()
