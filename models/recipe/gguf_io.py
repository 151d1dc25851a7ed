"""Reads Llama-family GGUF files independently of the TypeScript reader: Hugging Face tokenizer, config and fp32 weights; and what all that we write share.

GGUF keeps q and k rows permuted for interleaved RoPE and its dimensions reversed; `read_weights` undoes both.
"""
from __future__ import annotations

import gguf
import numpy as np
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers

CONTROL = int(gguf.TokenType.CONTROL)


def open_gguf(path: str) -> tuple[gguf.GGUFReader, dict]:
    """The reader and its metadata as a plain dict."""
    reader = gguf.GGUFReader(path)
    return reader, {key: field.contents() for key, field in reader.fields.items()}


def build_tokenizer(tokens: list[str], merges: list[str], specials: list[str], parse_special: bool) -> Tokenizer:
    """Byte-level BPE with SmolLM's pre-tokenizer: single digits, then GPT-2's pattern. With `parse_special` off, special spellings stay text."""
    pairs = [tuple(merge.split(' ')) for merge in merges]
    tokenizer = Tokenizer(models.BPE({token: i for i, token in enumerate(tokens)}, pairs))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)]
    )
    tokenizer.decoder = decoders.ByteLevel()
    if parse_special:
        tokenizer.add_special_tokens([AddedToken(token, special=True, normalized=False) for token in specials])
    return tokenizer


def read_tokenizer(meta: dict, parse_special: bool = False) -> Tokenizer:
    """The file's tokenizer, from its own vocabulary and merges."""
    if meta['tokenizer.ggml.model'] != 'gpt2' or meta['tokenizer.ggml.pre'] != 'smollm':
        raise ValueError(f"expected a gpt2/smollm tokenizer, got {meta['tokenizer.ggml.model']}/{meta['tokenizer.ggml.pre']}")
    tokens = meta['tokenizer.ggml.tokens']
    specials = [token for token, kind in zip(tokens, meta['tokenizer.ggml.token_type']) if kind == CONTROL]
    return build_tokenizer(tokens, meta['tokenizer.ggml.merges'], specials, parse_special)


def permute(rows: np.ndarray, heads: int) -> np.ndarray:
    """Half-split RoPE order -> GGUF's interleaved order. rows [heads * d, in]."""
    return rows.reshape(heads, 2, -1, rows.shape[1]).swapaxes(1, 2).reshape(rows.shape)


def unpermute(rows: np.ndarray, heads: int) -> np.ndarray:
    """GGUF's interleaved order -> half-split RoPE order. rows [heads * d, in]."""
    return rows.reshape(heads, -1, 2, rows.shape[1]).swapaxes(1, 2).reshape(rows.shape)


LAYER_NAMES = {
    'attn_norm': 'input_layernorm',
    'attn_q': 'self_attn.q_proj',
    'attn_k': 'self_attn.k_proj',
    'attn_v': 'self_attn.v_proj',
    'attn_output': 'self_attn.o_proj',
    'ffn_norm': 'post_attention_layernorm',
    'ffn_gate': 'mlp.gate_proj',
    'ffn_up': 'mlp.up_proj',
    'ffn_down': 'mlp.down_proj',
}
TOP_NAMES = {'token_embd.weight': 'model.embed_tokens.weight', 'output_norm.weight': 'model.norm.weight', 'output.weight': 'lm_head.weight'}


def hf_name(name: str) -> str:
    """GGUF tensor name -> Hugging Face tensor name."""
    if name in TOP_NAMES:
        return TOP_NAMES[name]
    _, layer, part, kind = name.split('.')
    return f'model.layers.{layer}.{LAYER_NAMES[part]}.{kind}'


def read_weights(reader: gguf.GGUFReader, meta: dict) -> dict[str, np.ndarray]:
    """All tensors as fp32 under Hugging Face's names, [out, in]."""
    heads = {'attn_q': meta['llama.attention.head_count'], 'attn_k': meta['llama.attention.head_count_kv']}
    weights = {}
    for tensor in reader.tensors:
        values = gguf.dequantize(tensor.data, tensor.tensor_type).astype(np.float32).reshape(tensor.shape[::-1])
        part = tensor.name.split('.')[-2]
        weights[hf_name(tensor.name)] = unpermute(values, heads[part]) if part in heads else values
    return weights


def load_llama(path: str):
    """transformers' LlamaForCausalLM in fp32 with the file's weights, and the metadata."""
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    reader, meta = open_gguf(path)
    weights = {name: torch.from_numpy(values.copy()) for name, values in read_weights(reader, meta).items()}
    tied = 'lm_head.weight' not in weights
    heads = meta['llama.attention.head_count']
    config = LlamaConfig(
        vocab_size=weights['model.embed_tokens.weight'].shape[0],
        hidden_size=meta['llama.embedding_length'],
        intermediate_size=meta['llama.feed_forward_length'],
        num_hidden_layers=meta['llama.block_count'],
        num_attention_heads=heads,
        num_key_value_heads=meta['llama.attention.head_count_kv'],
        head_dim=meta.get('llama.attention.key_length', meta['llama.embedding_length'] // heads),
        rms_norm_eps=meta['llama.attention.layer_norm_rms_epsilon'],
        rope_parameters={'rope_type': 'default', 'rope_theta': meta['llama.rope.freq_base']},
        max_position_embeddings=meta['llama.context_length'],
        tie_word_embeddings=tied,
    )
    model = LlamaForCausalLM(config)
    if tied:
        weights['lm_head.weight'] = weights['model.embed_tokens.weight']
    model.load_state_dict(weights)
    model.tie_weights()
    return model.float().eval(), meta


def rounded(matrix: np.ndarray) -> np.ndarray:
    """An fp32 matrix as Q8_0 blocks."""
    return gguf.quantize(np.ascontiguousarray(matrix), gguf.GGMLQuantizationType.Q8_0)


def add_weight(writer: gguf.GGUFWriter, name: str, values: np.ndarray) -> None:
    """A vector as fp32, a matrix as Q8_0."""
    if values.ndim == 1:
        writer.add_tensor(name, values)
    else:
        writer.add_tensor(name, rounded(values), raw_dtype=gguf.GGMLQuantizationType.Q8_0)


def write_file(writer: gguf.GGUFWriter) -> None:
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
