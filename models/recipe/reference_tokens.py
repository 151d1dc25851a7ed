"""Reference token ids: 10,000 strings of our own making, encoded by Hugging Face's Rust tokenizer with the GGUF's own vocabulary.

Special tokens spelled in a string are plain text. Writes test/fixtures/reference/smollm2-tokens.json.gz:
{ origin, strings: string[], ids: number[][] }.

    python reference_tokens.py MODEL.gguf
"""
import gzip
import json
import random
import sys
from pathlib import Path

from gguf_io import open_gguf, read_tokenizer

OUT = Path(__file__).resolve().parents[2] / 'test' / 'fixtures' / 'reference' / 'smollm2-tokens.json.gz'
COUNT, SEED = 10_000, 5
WORDS = (
    'the a tree draft token model verify accept branch root slot cache mask walk plan noise seed Speculative decoding lossless language output greedy'
    ' temperature don\'t it\'s we\'re they\'ll I\'m you\'ve he\'d O\'Neill naïve café façade über straße žluťoučký İstanbul ﬁne ﬀ Σίσυφος Дерево дерево'
    ' שלום עולם مرحبا بالعالم नमस्ते दुनिया สวัสดี 안녕하세요 세계 こんにちは 世界 東京 你好 樹狀推測解碼 中文分词 カタカナ ｱｲｳ'
).split()
CODE = [
    'for (let i = 0; i < n; i++) {', '\treturn x => x ** 2;', 'def f(x: int) -> str:', '    if x != 0xFF and not y:', 'SELECT * FROM t WHERE id = 42;', '#include <stdio.h>',
    'const re = /^\\d+(?:\\.\\d*)?$/u', "'single' \"double\" `tick ${value}`", 'a?.b ?? c', '</div><br/>', '{"key": [1, 2.5e-3, null]}', '// comment', '/* block */', '===', '!==', '->', '::', '\\n\\t\\u00e9',
]
EMOJI = ['😀', '👩‍👩‍👧‍👦', '🇩🇪', '👍🏽', '❤️', '🏴󠁧󠁢󠁳󠁣󠁴󠁿', '🫠', '☃', '🧑‍💻', '1️⃣']
SPACES = [' ', '  ', '   ', '\n', '\n\n', '\t', '\r\n', '\u00a0', '\u2003', '\u3000', '\u200b', '\ufeff', '\u2028', '\u0085', '\x0b', '\x0c', '        ', '\u180e', '\x1c']
COMBINING = ['e\u0301', 'n\u0303', 'a\u030a', 'Z\u0351\u036b\u0343', 'q\u0307\u0323', '\u0301', 'ก็', 'क्ष', '각', '\u1112\u1161\u11ab', 'ﷺ', '\u202eabc', '\ufffd', '\x00', '\x7f']
DIGITS = ['0', '7', '42', '1999', '3.14159', '1,234,567', '٣٤٥', '१२', '２０', 'Ⅷ', '½', '²', '①', '𝟙𝟚', 'x2y3', '192.168.0.1', '+49 30 1234', '零', '௧', '🄀', '㊿']
SPECIALS = ['<|endoftext|>', '<|im_start|>', '<|im_end|>', '<repo_name>', '<file_sep>', '<jupyter_code>', '<|im_start|>system\n', '<|im_end|', '<empty_output>', '<|im_ end|>']
CONTRACTIONS = ["'s", "'S", "'re", "'LL", "’s", "'t'", "''", "'d'm", "can't've"]


def random_characters(rng: random.Random, top: int, length: int) -> str:
    """Code points below `top`, surrogates left out."""
    points = (rng.randrange(1, top) for _ in range(length))
    return ''.join(chr(point) for point in points if not 0xD800 <= point <= 0xDFFF)


def random_bytes(rng: random.Random, length: int) -> str:
    """Random bytes read as UTF-8 with replacement characters."""
    return bytes(rng.randrange(256) for _ in range(length)).decode('utf-8', 'replace')


def piece(rng: random.Random) -> str:
    kind = rng.randrange(12)
    if kind < 3:
        return ' '.join(rng.choice(WORDS) for _ in range(rng.randint(1, 6)))
    if kind == 3:
        return random_characters(rng, rng.choice([0x80, 0x250, 0x3000, 0xFFFF, 0x20000]), rng.randint(1, 8))
    if kind == 4:
        return random_bytes(rng, rng.randint(1, 10))
    return rng.choice([CODE, EMOJI, SPACES, COMBINING, DIGITS, SPECIALS, CONTRACTIONS][kind - 5])


def string(rng: random.Random) -> str:
    glue = rng.choice(['', '', ' ', '\n'])
    return glue.join(piece(rng) for _ in range(rng.randint(1, 7)))


def missing_bytes(tokens: list[str]) -> set[int]:
    """Bytes that the vocabulary has no token for (SmolLM2 lacks 21); the reference drops them."""
    printable = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = [byte for byte in range(0x100) if byte not in printable]
    spelling = {**{byte: chr(byte) for byte in printable}, **{byte: chr(0x100 + i) for i, byte in enumerate(others)}}
    return {byte for byte in spelling if spelling[byte] not in tokens}


def main(path: str) -> None:
    _, meta = open_gguf(path)
    tokenizer = read_tokenizer(meta)
    rng = random.Random(SEED)
    strings = ['', ' ', *SPECIALS, *EMOJI, *SPACES, *COMBINING, *DIGITS, *CONTRACTIONS]
    strings += [string(rng) for _ in range(COUNT - len(strings))]
    ids = [encoding.ids for encoding in tokenizer.encode_batch(strings)]
    dropped = missing_bytes(meta['tokenizer.ggml.tokens'])
    for text, tokens in zip(strings, ids):
        if not dropped & set(text.encode()) and tokenizer.decode(tokens, skip_special_tokens=False) != text:
            raise ValueError(f'does not round-trip: {text!r}')
    origin = f'tokenizers (Rust) with the vocabulary and merges of {Path(path).name}, special tokens not parsed (models/recipe/reference_tokens.py)'
    body = json.dumps({'origin': origin, 'strings': strings, 'ids': ids}, ensure_ascii=True, separators=(',', ':'))
    OUT.write_bytes(gzip.compress(body.encode(), mtime=0))
    print(len(strings), 'strings,', sum(map(len, ids)), 'tokens,', OUT.stat().st_size, 'bytes')


if __name__ == '__main__':
    main(sys.argv[1])
