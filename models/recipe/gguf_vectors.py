"""Reference values for the TypeScript GGUF reader, made with the Python `gguf` package.

Writes test/fixtures/reference/gguf-blocks.json: for every tensor type, the bytes of a few blocks and their values (both base64; values are
little-endian float32), and a few rows of the real model by Hugging Face's names, after q and k are un-permuted.

    python gguf_vectors.py MODEL.gguf
"""
import base64
import json
import sys
from pathlib import Path

import gguf
import numpy as np

from gguf_io import open_gguf, read_weights

OUT = Path(__file__).resolve().parents[2] / 'test' / 'fixtures' / 'reference' / 'gguf-blocks.json'
QUANTIZED = ['F32', 'F16', 'BF16', 'Q8_0', 'Q4_0', 'Q4_1', 'Q5_0', 'Q5_1']
# The package reads these but does not write them: random bits under finite scales. Offsets of the float16 scales in a block.
RANDOM = {
    'Q4_K': (144, [0, 2]), 'Q5_K': (176, [0, 2]), 'Q6_K': (210, [208]), 'Q2_K': (84, [80, 82]), 'Q3_K': (110, [108]),
    'IQ4_NL': (18, [0]), 'IQ4_XS': (136, [0]), 'MXFP4': (17, []),
}
ROWS = [
    ('model.embed_tokens.weight', 30000),
    ('model.norm.weight', 0),
    ('model.layers.0.self_attn.q_proj.weight', 33),
    ('model.layers.7.self_attn.k_proj.weight', 97),
    ('model.layers.29.mlp.down_proj.weight', 575),
]


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def floats(values: np.ndarray) -> str:
    return b64(np.ascontiguousarray(values, dtype='<f4').tobytes())


def blocks(name: str, rng: np.random.Generator) -> np.ndarray:
    kind = gguf.GGMLQuantizationType[name]
    if name in RANDOM:
        size, scales = RANDOM[name]
        data = rng.integers(0, 256, (3, size), dtype=np.uint8)
        for at in scales:
            data[:, at:at + 2] = rng.normal(0, 0.02, 3).astype('<f2').view(np.uint8).reshape(3, 2)
        return data
    values = rng.normal(0, 1, (1, 96)).astype(np.float32)
    return gguf.quantize(values, kind)


def main(path: str) -> None:
    rng = np.random.default_rng(11)
    kinds = []
    for name in [*QUANTIZED, *RANDOM]:
        kind = gguf.GGMLQuantizationType[name]
        data = blocks(name, rng)
        kinds.append({'kind': name, 'type': int(kind), 'bytes': b64(data.tobytes()), 'values': floats(gguf.dequantize(data, kind))})
    reader, meta = open_gguf(path)
    weights = read_weights(reader, meta)
    rows = [{'tensor': name, 'row': row, 'values': floats(np.atleast_2d(weights[name])[row][:64])} for name, row in ROWS]
    origin = f'Python gguf package, {Path(path).name} (models/recipe/gguf_vectors.py)'
    OUT.write_text(json.dumps({'origin': origin, 'kinds': kinds, 'rows': rows}, indent=1) + '\n')
    print(len(kinds), 'types,', len(rows), 'rows,', OUT.stat().st_size, 'bytes')


if __name__ == '__main__':
    main(sys.argv[1])
