"""The reference side of reference-logits.test.ts: PyTorch's float32 logits of a Gemma 3 in a GGUF file.

Reads one JSON request from standard input: {"gguf": FILE, "ids": [...], "rows": [...], "out": FILE}, writes the rows'
logits, float32 [rows, vocabulary], into `out`, and answers {"window": TOKENS, "greedy": [...]}: the likeliest token of
every row. Weights are dequantized by the `gguf` package. Needs torch, transformers and gguf.
"""

import json
import sys

import gguf
import numpy as np
import torch
import transformers


def config_of(reader):
    def value(key):
        return reader.fields["gemma3." + key].contents()

    heads = value("attention.key_length")
    tokens = reader.fields["tokenizer.ggml.tokens"].data
    # The base of local layers is the family's: files state that of global ones.
    rope = dict(sliding_attention=dict(rope_type="default", rope_theta=10000.0),
                full_attention=dict(rope_type="default", rope_theta=value("rope.freq_base")))
    return transformers.Gemma3TextConfig(
        vocab_size=len(tokens), hidden_size=value("embedding_length"), intermediate_size=value("feed_forward_length"),
        num_hidden_layers=value("block_count"), num_attention_heads=value("attention.head_count"),
        num_key_value_heads=value("attention.head_count_kv"), head_dim=heads, query_pre_attn_scalar=heads,
        max_position_embeddings=value("context_length"), rms_norm_eps=value("attention.layer_norm_rms_epsilon"),
        sliding_window=value("attention.sliding_window"), rope_parameters=rope, attn_implementation="eager")


def load(path):
    reader = gguf.GGUFReader(path)
    config = config_of(reader)
    with torch.device("meta"):
        model = transformers.Gemma3ForCausalLM(config)
    names = gguf.get_tensor_name_map(gguf.MODEL_ARCH.GEMMA3, config.num_hidden_layers)
    own = [key for key in model.state_dict() if key != "lm_head.weight"]
    keys = {names.get_name(key, try_suffixes=(".weight",)): key for key in own}
    weights = {}
    for tensor in reader.tensors:
        values = gguf.quants.dequantize(tensor.data, tensor.tensor_type)
        # Files hold 1 + w of norms.
        values = values - 1 if tensor.name.endswith("norm.weight") else values
        weights[keys.pop(tensor.name)] = torch.from_numpy(np.ascontiguousarray(values, dtype=np.float32))
    assert not keys, keys
    weights["lm_head.weight"] = weights["model.embed_tokens.weight"]
    model.load_state_dict(weights, assign=True)
    # What no file holds is computed anew: on the meta device it has no values.
    model.model.rotary_emb = type(model.model.rotary_emb)(config)
    embedding = model.model.embed_tokens
    embedding.register_buffer("embed_scale", torch.tensor(config.hidden_size ** 0.5), persistent=False)
    return model.eval(), config


def main():
    given = json.load(sys.stdin)
    model, config = load(given["gguf"])
    with torch.no_grad():
        hidden = model.model(torch.tensor([given["ids"]])).last_hidden_state[0, given["rows"]]
        logits = model.lm_head(hidden)
    logits.numpy().astype("<f4").tofile(given["out"])
    json.dump(dict(window=config.sliding_window, greedy=logits.argmax(-1).tolist()), sys.stdout)


main()
