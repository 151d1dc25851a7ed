"""Writes the calibration text and the held-out evaluation text from conversations that SmolLM2-135M-Instruct wrote itself.

Rows of the input (.npy, uint16 [conversations, length]) are token ids; the last 200 are validation only: evaluation
takes from those, calibration from the others. Calibration is stored as text, so that any tokenizer can use it.

    python self_text.py MODEL.gguf SELFTEXT.npy
"""
import json
import re
import sys
from pathlib import Path

import numpy as np

from gguf_io import open_gguf, read_tokenizer

ROOT = Path(__file__).resolve().parents[2]
CALIBRATION = ROOT / 'src' / 'model' / 'calibration-text.json'
EVALUATION = ROOT / 'test' / 'fixtures' / 'reference' / 'smollm2-eval-ids.json'
HELD_OUT = 200
EVALUATION_ROWS = 12
CALIBRATION_TOKENS = 3600
BABBLE = re.compile('\ufffd|[0-9]{7}')
ORIGIN = 'written by SmolLM2-135M-Instruct itself (Apache-2.0), sampled from its chat template: the user turn at T=1, the answer at T=0 or 0.8'


def first_exchange(row: np.ndarray, tokenizer, start: int, end: int) -> list[dict] | None:
    """The user's turn and the answer of one row as text; None where either is empty, not whole UTF-8 or holds long numbers (babble)."""
    turns, ids = [], row.tolist()
    for place in [i for i, token in enumerate(ids) if token == start]:
        stop = ids.index(end, place) if end in ids[place:] else len(ids)
        role, _, content = tokenizer.decode(ids[place + 1 : stop], skip_special_tokens=False).partition('\n')
        turns.append({'role': role, 'content': content})
    pair = turns[1:3]
    whole = [turn['role'] for turn in pair] == ['user', 'assistant'] and all(turn['content'].strip() and not BABBLE.search(turn['content']) for turn in pair)
    return pair if whole else None


def calibration(rows: np.ndarray, tokenizer, start: int, end: int) -> list[list[dict]]:
    """Every 397th row's first exchange from the 50th on, until there are enough tokens."""
    chosen, tokens = [], 0
    for row in rows[50::397]:
        pair = first_exchange(row, tokenizer, start, end)
        if pair is None:
            continue
        chosen.append(pair)
        tokens += sum(len(tokenizer.encode(turn['content']).ids) + 5 for turn in pair)
        if tokens >= CALIBRATION_TOKENS:
            break
    return chosen


def write_json(path: Path, value: dict, indent: int | None) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, ensure_ascii=False, indent=indent) + '\n', encoding='utf-8')


def main(model: str, selftext: str) -> None:
    _, meta = open_gguf(model)
    tokenizer = read_tokenizer(meta)
    tokens = meta['tokenizer.ggml.tokens']
    start, end = tokens.index('<|im_start|>'), tokens.index('<|im_end|>')
    rows = np.load(selftext, mmap_mode='r')
    texts = calibration(rows[:-HELD_OUT], tokenizer, start, end)
    write_json(CALIBRATION, {'origin': ORIGIN, 'license': 'Apache-2.0', 'conversations': texts}, 1)
    held_out = rows[-HELD_OUT:]
    step = HELD_OUT // EVALUATION_ROWS
    ids = [held_out[i * step].tolist() for i in range(EVALUATION_ROWS)]
    between = [held_out[i * step + step // 2].tolist() for i in range(EVALUATION_ROWS)]
    note = f'{ORIGIN}; ids of the SmolLM2 tokenizer, template included; rows held out from calibration and from draft training'
    write_json(EVALUATION, {'origin': note, 'license': 'Apache-2.0', 'conversations': ids, 'more': between}, None)
    print(f'calibration: {len(texts)} conversations; evaluation: {len(ids)} rows, {sum(map(len, ids))} tokens')


if __name__ == '__main__':
    main(*sys.argv[1:3])
