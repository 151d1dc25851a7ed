"""Lets SmolLM2-135M-Instruct write conversations with itself: the text that its draft is trained on, calibration and evaluation are taken from.

    python conversations.py MODEL.gguf SELFTEXT.npy [--count 10000] [--batch 64] [--length 344] [--device cuda]

Each row begins with the template's system turn and the head of a user's turn; from there on the model writes the user's turns at T = 1 and the answers at
T = 0 or 0.8, by row, turn after turn until the row is full. Whatever a row needs next, a token of the template or one drawn, every row gets one a step: no padding.
Batches are kept in `.work/conversations/` as they are done, so that an interrupted run goes on.
"""
from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from corpus import WORK
from gguf_io import load_llama, read_tokenizer

SYSTEM = 'You are a helpful AI assistant named SmolLM, trained by Hugging Face'
USER_TEMPERATURE = 1.0
ANSWER_TEMPERATURES = (0.0, 0.8)
PARTS = WORK / 'conversations'


class Row:
    """One conversation: the tokens that the template says come next, and who speaks."""

    def __init__(self, writer: Writer, answer_temperature: float):
        self.writer = writer
        self.answer_temperature = answer_temperature
        self.is_answer = False
        self.forced = list(writer.opening)

    @property
    def temperature(self) -> float:
        return self.answer_temperature if self.is_answer else USER_TEMPERATURE

    def take(self, drawn: int) -> int:
        """The row's next token, given what would be drawn; the end of a turn is followed by the head of the other's."""
        if self.forced:
            return self.forced.pop(0)
        if drawn == self.writer.end:
            self.is_answer = not self.is_answer
            self.forced = list(self.writer.heads[self.is_answer])
        return drawn


class Writer:
    def __init__(self, path: str, device: str):
        model, meta = load_llama(path)
        self.model = model.to(device)
        self.device = device
        tokens = meta['tokenizer.ggml.tokens']
        start, self.end = tokens.index('<|im_start|>'), tokens.index('<|im_end|>')
        text = lambda words: read_tokenizer(meta).encode(words, add_special_tokens=False).ids
        head = lambda role: [start, *text(f'{role}\n')]
        after = lambda role: [*text('\n'), *head(role)]
        self.opening = [*head('system'), *text(SYSTEM), self.end, *after('user')]
        self.heads = {True: after('assistant'), False: after('user')}

    @torch.no_grad()
    def write(self, rows: int, length: int) -> np.ndarray:
        """[rows, length] token ids."""
        states = [Row(self, ANSWER_TEMPERATURES[i % len(ANSWER_TEMPERATURES)]) for i in range(rows)]
        written = np.zeros((rows, length), np.uint16)
        cache, drawn = None, [0] * rows
        for place in range(length):
            written[:, place] = [state.take(token) for state, token in zip(states, drawn)]
            last = torch.from_numpy(written[:, place].astype(np.int64))[:, None].to(self.device)
            out = self.model(last, past_key_values=cache, use_cache=True)
            cache = out.past_key_values
            drawn = draw(out.logits[:, -1], [state.temperature for state in states]).tolist()
        return written


def draw(logits: Tensor, temperatures: list[float]) -> Tensor:
    """One token a row; the likeliest at T = 0."""
    t = torch.tensor(temperatures, device=logits.device)[:, None]
    sampled = torch.multinomial(torch.softmax(logits / t.clamp(min=1e-6), -1), 1)[:, 0]
    return torch.where(t[:, 0] == 0, logits.argmax(-1), sampled)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument('model')
    parser.add_argument('selftext')
    parser.add_argument('--count', type=int, default=10_000)
    parser.add_argument('--batch', type=int, default=64)
    parser.add_argument('--length', type=int, default=344)
    parser.add_argument('--device', default='cpu')
    options = parser.parse_args()
    writer = Writer(options.model, options.device)
    PARTS.mkdir(parents=True, exist_ok=True)
    parts: list[Path] = []
    for at in range(0, options.count, options.batch):
        rows = min(options.batch, options.count - at)
        part = PARTS / f'{at:06}-{rows}x{options.length}.npy'
        parts.append(part)
        if part.exists():
            continue
        torch.manual_seed(at)
        np.save(part.with_suffix('.part.npy'), writer.write(rows, options.length))
        part.with_suffix('.part.npy').replace(part)
        print(f'{at + rows} of {options.count} conversations', flush=True)
    np.save(options.selftext, np.concatenate([np.load(part) for part in parts]))


if __name__ == '__main__':
    main()
