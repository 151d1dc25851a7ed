"""transformers with Accelerate's disk offload as a process of its own: one JSON request a line, one JSON line back,
errors included.

{"open": FOLDER, "cpu_bytes": N, "offload": FOLDER}: weights up to N bytes stay in memory, the others are read from
the checkpoint in every pass -> {"layers_on_disk"}
{"tokens": [..], "max_tokens": N}: greedy -> {"tokens": N, "firstMs", "ms", "bytes"}, the bytes being those read
from the disk after the first token (on Linux)

`accelerate_offload.py convert MODEL.gguf FOLDER` writes a GGUF file's weights as a checkpoint folder in bfloat16.
"""
import json
import sys
import time
from pathlib import Path

import torch
from transformers import AutoModelForCausalLM, LlamaConfig, LlamaForCausalLM
from transformers.generation.streamers import BaseStreamer

torch.set_grad_enabled(False)


def convert(gguf: str, folder: str) -> None:
    sys.path.append(str(Path(__file__).parents[2] / 'models' / 'recipe'))
    from gguf_io import load_llama

    load_llama(gguf)[0].to(torch.bfloat16).save_pretrained(folder)


def open_model(folder: str, cpu_bytes: int, offload: str):
    model = AutoModelForCausalLM.from_pretrained(
        folder, dtype=torch.bfloat16, device_map='auto', max_memory={'cpu': cpu_bytes}, offload_folder=offload
    ).eval()
    return model, {'layers_on_disk': sum(place == 'disk' for place in model.hf_device_map.values())}


def bytes_read() -> int:
    with open('/proc/self/io') as file:
        return int(next(line for line in file if line.startswith('read_bytes')).split()[1])


class Clock(BaseStreamer):
    """Times of the tokens and bytes read by then; the first call is the prompt."""

    def __init__(self):
        self.seen = []

    def put(self, value):
        self.seen.append((time.perf_counter(), bytes_read()))

    def end(self):
        pass


def generate(model, tokens: list[int], max_tokens: int) -> dict:
    clock = Clock()
    ids = torch.tensor([tokens])
    model.generate(
        ids, attention_mask=torch.ones_like(ids), max_new_tokens=max_tokens, min_new_tokens=max_tokens, do_sample=False,
        streamer=clock, pad_token_id=0,
    )
    (start, _), (first, first_bytes), *_, (last, last_bytes) = clock.seen
    return {
        'tokens': len(clock.seen) - 1, 'firstMs': 1000 * (first - start), 'ms': 1000 * (last - start),
        'bytes': last_bytes - first_bytes,
    }


def main() -> None:
    # Loads all code that decoding needs: what the process takes then is what it takes idle.
    config = LlamaConfig(
        vocab_size=8, hidden_size=8, intermediate_size=8, num_hidden_layers=1, num_attention_heads=1
    )
    generate(LlamaForCausalLM(config).eval(), [1], 2)
    model = None
    print(json.dumps({'ready': True}), flush=True)
    for line in sys.stdin:
        request = json.loads(line)
        try:
            if 'open' in request:
                model, answer = open_model(request['open'], request['cpu_bytes'], request['offload'])
            else:
                answer = generate(model, request['tokens'], request['max_tokens'])
        except Exception as error:
            answer = {'error': f'{type(error).__name__}: {error}'}
        print(json.dumps(answer), flush=True)


if __name__ == '__main__':
    convert(*sys.argv[2:]) if sys.argv[1:2] == ['convert'] else main()
