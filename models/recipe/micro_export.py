"""Writes the trained micro pair as GGUF (Llama, Q8_0 matrices, F32 norms) with its acceptance measured on the written weights.

    python micro_export.py                 .work/micro.pt -> models/micro/{target,draft}.gguf and acceptance.json
    python micro_export.py --untrained DIR  random weights, to develop against
"""
from __future__ import annotations

import json
import sys
from pathlib import Path

import gguf

from corpus import HERE, WORK
from gguf_io import LAYER_NAMES, TOP_NAMES, add_weight, load_llama, permute, write_file
from micro_data import CHAT_TEMPLATE, END_OF_TEXT, SPECIALS, TURN_END, TURN_START
from micro_model import CONTEXT, DRAFT, NORM_EPS, ROPE_THETA, TARGET, MicroLlama, Shape

MICRO = HERE.parent / 'micro'
GGUF_NAMES = {hf: name for name, hf in LAYER_NAMES.items()}


def gguf_name(name: str) -> str:
    """Parameter name -> GGUF tensor name."""
    for short, long in TOP_NAMES.items():
        if f'model.{name}' == long:
            return short
    _, layer, rest = name.split('.', 2)
    part, kind = rest.rsplit('.', 1)
    return f'blk.{layer}.{GGUF_NAMES[part]}.{kind}'


def tokenizer_lists() -> tuple[list[str], list[str]]:
    """Tokens by id and merges in order."""
    model = json.loads((WORK / 'tokenizer.json').read_text())['model']
    tokens = sorted(model['vocab'], key=model['vocab'].get)
    return tokens, [' '.join(merge) for merge in model['merges']]


def write_gguf(path: Path, model: MicroLlama, name: str, acceptance: dict[str, list[float]] | None) -> None:
    shape: Shape = model.shape
    tokens, merges = tokenizer_lists()
    writer = gguf.GGUFWriter(str(path), 'llama')
    writer.add_name(name)
    writer.add_author('sequoia-onnx contributors')
    writer.add_license('mit')
    writer.add_description('Trained from scratch on README and source files of permissively licensed npm packages.')
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_Q8_0)
    writer.add_quantization_version(gguf.GGML_QUANT_VERSION)
    add_shape(writer, shape, len(tokens))
    writer.add_tokenizer_model('gpt2')
    writer.add_tokenizer_pre('smollm')
    writer.add_token_list(tokens)
    writer.add_token_types([gguf.TokenType.CONTROL if token in SPECIALS else gguf.TokenType.NORMAL for token in tokens])
    writer.add_token_merges(merges)
    writer.add_bos_token_id(TURN_START)
    writer.add_eos_token_id(TURN_END)
    writer.add_eot_token_id(END_OF_TEXT)
    writer.add_pad_token_id(TURN_END)
    writer.add_unk_token_id(END_OF_TEXT)
    writer.add_add_bos_token(False)
    writer.add_add_space_prefix(False)
    writer.add_chat_template(CHAT_TEMPLATE)
    if acceptance:
        writer.add_string('sequoia.acceptance.target', 'sequoia-micro-target')
        for kind, vector in acceptance.items():
            writer.add_array(f'sequoia.acceptance.{kind}', vector)
    write_weights(writer, model)
    print(f'{path.name}: {path.stat().st_size:,} bytes')


def add_shape(writer: gguf.GGUFWriter, shape: Shape, vocab: int) -> None:
    writer.add_vocab_size(vocab)
    writer.add_context_length(CONTEXT)
    writer.add_embedding_length(shape.hidden)
    writer.add_block_count(shape.layers)
    writer.add_feed_forward_length(shape.ffn)
    writer.add_head_count(shape.heads)
    writer.add_head_count_kv(shape.kv_heads)
    writer.add_rope_dimension_count(shape.hidden // shape.heads)
    writer.add_rope_freq_base(ROPE_THETA)
    writer.add_layer_norm_rms_eps(NORM_EPS)


def write_weights(writer: gguf.GGUFWriter, model: MicroLlama) -> None:
    """Adds every weight, matrices as Q8_0, and writes the file."""
    for key, weight in model.state_dict().items():
        values = weight.detach().float().numpy()
        if 'q_proj' in key:
            values = permute(values, model.shape.heads)
        if 'k_proj' in key:
            values = permute(values, model.shape.kv_heads)
        add_weight(writer, gguf_name(key), values)
    write_file(writer)


def export_pair() -> None:
    from micro_acceptance import measure
    from micro_train import load_models

    MICRO.mkdir(exist_ok=True)
    target, draft = load_models()
    write_gguf(MICRO / 'target.gguf', target, 'sequoia-micro-target', None)
    write_gguf(MICRO / 'draft.gguf', draft, 'sequoia-micro-draft', None)
    report = measure(load_llama(str(MICRO / 'target.gguf'))[0], load_llama(str(MICRO / 'draft.gguf'))[0])
    (MICRO / 'acceptance.json').write_text(json.dumps(report, indent=1) + '\n')
    write_gguf(MICRO / 'draft.gguf', draft, 'sequoia-micro-draft', {kind: report[kind]['p'] for kind in ('greedy', 'sampled')})


def main(arguments: list[str]) -> None:
    if arguments[:1] == ['--untrained']:
        folder = Path(arguments[1])
        folder.mkdir(parents=True, exist_ok=True)
        write_gguf(folder / 'target.gguf', MicroLlama(TARGET), 'sequoia-micro-target', None)
        write_gguf(folder / 'draft.gguf', MicroLlama(DRAFT), 'sequoia-micro-draft', None)
    else:
        export_pair()


if __name__ == '__main__':
    main(sys.argv[1:])
