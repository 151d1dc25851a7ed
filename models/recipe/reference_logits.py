"""Reference logits from PyTorch transformers in fp32 on a GGUF file's dequantized weights.

Writes test/fixtures/reference/smollm2-logits.json: for each prompt its token ids and, at a few positions, the 50 largest logits
and the logits of 200 fixed random vocabulary entries.

    python reference_logits.py MODEL.gguf
"""
import json
import sys
from pathlib import Path

import numpy as np
import torch

from gguf_io import load_llama, read_tokenizer

OUT = Path(__file__).resolve().parents[2] / 'test' / 'fixtures' / 'reference' / 'smollm2-logits.json'
TOP, SAMPLE, SEED = 50, 200, 11
POSITION_STEP = 7
PROSE = (
    'A tree of guesses is worth more than a single line of them: where the first guess fails, a sibling may still be right, '
    'and one pass of the large model checks every branch at once. The cost is a few more rows in the same matrix product.'
)
CODE = (
    'export function sum(values: number[]): number {\n  let total = 0\n  for (const value of values) total += value\n  return total\n}\n\n'
    '// The mean of 12 values, or NaN where there are none\n'
)
CHAT = '<|im_start|>system\nYou answer in one sentence.<|im_end|>\n<|im_start|>user\nWhy is the sky blue at noon and red in the evening?<|im_end|>\n<|im_start|>assistant\n'


def main(path: str) -> None:
    model, meta = load_llama(path)
    tokenizer = read_tokenizer(meta, parse_special=True)
    sample = np.sort(np.random.default_rng(SEED).choice(model.config.vocab_size, SAMPLE, replace=False))
    prompts = []
    for name, text in (('prose', PROSE), ('code', CODE), ('chat', CHAT)):
        ids = tokenizer.encode(text).ids[:48]
        with torch.no_grad():
            logits = model(torch.tensor([ids])).logits[0].numpy()
        places = sorted({0, *range(POSITION_STEP - 1, len(ids), POSITION_STEP), len(ids) - 1})
        rows = []
        for place in places:
            top = np.argsort(-logits[place], kind='stable')[:TOP]
            number = lambda values: [round(float(x), 5) for x in values]
            rows.append({'position': place, 'top': top.tolist(), 'topLogits': number(logits[place][top]), 'sampleLogits': number(logits[place][sample])})
        prompts.append({'name': name, 'ids': ids, 'positions': rows})
    origin = f'transformers LlamaForCausalLM, fp32, on the dequantized weights of {Path(path).name} (models/recipe/reference_logits.py)'
    OUT.write_text(json.dumps({'origin': origin, 'sample': sample.tolist(), 'prompts': prompts}) + '\n')
    print({p['name']: (len(p['ids']), len(p['positions'])) for p in prompts}, OUT.stat().st_size, 'bytes')


if __name__ == '__main__':
    main(sys.argv[1])
