"""The reference side of tokenizers.test.ts: one JSON request on standard input, one JSON answer on standard output.

    {"train": {"texts": [...], "out": FOLDER, "vocabulary": TOKENS}} -> {"kinds": [NAME, ...]}: each a
        tokenizer.json, in FOLDER/NAME.json
    {"encode": {"file": FILE, "texts": [...]}} -> {"ids": [[...]], "parsed": [[...]]}: special tokens not parsed, parsed
    {"tiktoken": {"package": NAME, "table": FILE in it, "pattern": TEXT or null, "texts": [...]}} -> {"ids": [[...]]}
    {"tables": {"characters": TEXT, "marked": {FORM: [TEXT, ...]}}} -> {"unassigned": TEXT, "punctuation": TEXT,
        "normalized": {FORM: [TEXT, ...]}}: what its tables say of characters, and its normal forms of texts
    {"locate": {"package": NAME, "table": FILE in it}} -> {"path": TEXT, or null where the package is not installed}

Needs tokenizers; tiktoken for the last. Vocabularies are small and trained here, one for each way of normalizing,
splitting and decoding that published tokenizers have.
"""

import base64
import importlib.util
import json
import pathlib
import sys

SPECIALS = ["<unk>", "<s>", "</s>", "<|im_start|>", "<|im_end|>", "<|eot_id|>", "<end_of_turn>", "[INST]", "[/INST]"]
BYTES = [f"<0x{byte:02X}>" for byte in range(256)]

LLAMA3 = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+"
          r"|\s+(?!\S)|\s+")
TEKKEN = (r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+"
          r"|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*"
          r"|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+")
DEEPSEEK = [r"\p{N}{1,3}", "[一-龥぀-ゟ゠-ヿ]+",
            "[!\"#$%&'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+|[^\r\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+"
            "| ?[\\p{P}\\p{S}]+[\r\n]*|\\s*[\r\n]+|\\s+(?!\\S)|\\s+"]


def sequence(name, parts):
    return {"type": "Sequence", name: parts}


def replace(old, new):
    return {"type": "Replace", "pattern": {"String": old}, "content": new}


def split(pattern, behavior="Isolated", invert=False):
    return {"type": "Split", "pattern": pattern, "behavior": behavior, "invert": invert}


def byte_level(use_regex=False, prefix=False):
    return {"type": "ByteLevel", "add_prefix_space": prefix, "trim_offsets": True, "use_regex": use_regex}


def metaspace(scheme, cuts):
    return {"type": "Metaspace", "replacement": "▁", "prepend_scheme": scheme, "split": cuts}


def words(*rules):
    return sequence("pretokenizers", [*rules, byte_level()])


PIECES = sequence("decoders", [replace("▁", " "), {"type": "ByteFallback"}, {"type": "Fuse"}])
STRIPPED = sequence("decoders", [*PIECES["decoders"], {"type": "Strip", "content": " ", "start": 1, "stop": 0}])
BLANKS = replace(" ", "▁")
PREPENDED = sequence("normalizers", [{"type": "Prepend", "prepend": "▁"}, BLANKS])
ODD = [("<tool_call>", {}), ("<think>", {"lstrip": True, "rstrip": True}), ("fox", {"single_word": True}),
       ("e\u0301\u0301", {"normalized": True}), ("▁▁", {}), ("\n\n\n", {})]

# name: (normalizer, pre_tokenizer, decoder, members of the model, added tokens that are not special)
KINDS = {
    "llama": (PREPENDED, None, STRIPPED, dict(byte_fallback=True, fuse_unk=True), []),
    "llama-first": (None, metaspace("first", False), STRIPPED, dict(byte_fallback=True, fuse_unk=True), []),
    "metaspace-split": (None, metaspace("always", True), {"type": "Metaspace", "replacement": "▁",
                        "prepend_scheme": "always", "split": True}, dict(byte_fallback=True), []),
    "gemma": (BLANKS, split({"String": " "}, "MergedWithPrevious"), PIECES,
              dict(byte_fallback=True, fuse_unk=True), ODD),
    "unknown-fused": (PREPENDED, None, PIECES, dict(fuse_unk=True), []),
    "unknown-single": (BLANKS, None, PIECES, dict(fuse_unk=False), []),
    "gpt2": (None, byte_level(True), byte_level(), {}, []),
    "gpt2-prefix": (None, byte_level(True, True), byte_level(), {}, ODD),
    "smollm": (None, sequence("pretokenizers", [{"type": "Digits", "individual_digits": True}, byte_level(True)]),
               byte_level(), {}, []),
    "qwen": ({"type": "NFC"}, words(split({"Regex": LLAMA3.replace("{1,3}", "")})), byte_level(), {}, ODD),
    "llama3": (None, words(split({"Regex": LLAMA3})), byte_level(), dict(ignore_merges=True), []),
    "tekken": (None, words(split({"Regex": TEKKEN})), byte_level(), dict(ignore_merges=True), []),
    "gpt4o": (None, words(split({"Regex": TEKKEN.replace("]+|", "]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|", 1)
                                 .replace("\\p{N}|", "\\p{N}{1,3}|")}, "Removed", True)), byte_level(), {}, []),
    "deepseek": (sequence("normalizers", []), words(*[split({"Regex": part}) for part in DEEPSEEK]), byte_level(), {},
                 [("<｜User｜>", {"normalized": True})]),
    "falcon": (None, sequence("pretokenizers", [
        {"type": "Punctuation", "behavior": "Contiguous"}, byte_level(True), {"type": "Digits",
         "individual_digits": False}, split({"Regex": "[0-9][0-9][0-9]"})]), byte_level(), {}, []),
    "compatibility": ({"type": "NFKC"}, words({"type": "Whitespace"}), byte_level(), {}, []),
    "next": ({"type": "Strip", "strip_left": True, "strip_right": True},
             words(split({"Regex": r"\s+"}, "MergedWithNext"), split({"Regex": r"\p{Lu}"}, "Contiguous"),
                   {"type": "Punctuation", "behavior": "MergedWithPrevious"}), byte_level(), {}, []),
    # No splitting at all: its merges go across every border that a rule may draw.
    "unsplit": (None, byte_level(), byte_level(), {}, []),
}


def train(texts, out, vocabulary):
    import tokenizers
    from tokenizers import Tokenizer, trainers

    folder = pathlib.Path(out)
    folder.mkdir(parents=True, exist_ok=True)
    for name, (normalizer, pre_tokenizer, decoder, members, odd) in KINDS.items():
        empty = dict(version="1.0", truncation=None, padding=None, added_tokens=[], normalizer=normalizer,
                     pre_tokenizer=pre_tokenizer, post_processor=None, decoder=decoder,
                     model=dict(type="BPE", dropout=None, unk_token=None, continuing_subword_prefix=None,
                                end_of_word_suffix=None, fuse_unk=False, byte_fallback=False, vocab={}, merges=[]))
        tokenizer = Tokenizer.from_str(json.dumps(empty))
        spelled = decoder["type"] == "ByteLevel"
        first = SPECIALS + ([] if spelled else BYTES)
        alphabet = tokenizers.pre_tokenizers.ByteLevel.alphabet() if spelled else []
        trainer = trainers.BpeTrainer(vocab_size=vocabulary, special_tokens=first, initial_alphabet=alphabet,
                                      limit_alphabet=len(alphabet) or vocabulary // 4, show_progress=False,
                                      max_token_length=12)
        tokenizer.train_from_iterator(texts, trainer)
        made = json.loads(tokenizer.to_str())
        made["added_tokens"] = [token for token in made["added_tokens"] if token["content"] in SPECIALS]
        vocab = made["model"]["vocab"]
        beyond = len(vocab)
        for content, changed in odd:
            token = vocab.get(content, beyond)
            beyond += token == beyond
            made["added_tokens"].append(dict(dict(id=token, content=content, single_word=False, lstrip=False,
                                                  rstrip=False, normalized=False, special=False), **changed))
        made["model"].update(members, unk_token=None if spelled else "<unk>")
        (folder / f"{name}.json").write_text(json.dumps(made, ensure_ascii=False))
    return dict(kinds=list(KINDS))


def encode(file, texts):
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(file)
    found = {}
    for name, special in (("ids", False), ("parsed", True)):
        tokenizer.encode_special_tokens = not special
        found[name] = [encoding.ids for encoding in tokenizer.encode_batch(texts, add_special_tokens=False)]
    return found


def tables(characters, marked):
    from tokenizers import Regex, normalizers, pre_tokenizers

    def cut_by(rule):
        return "".join(one for one in characters if len(rule.pre_tokenize_str("a" + one)) > 1)

    forms = {form: getattr(normalizers, form)() for form in marked}
    return dict(unassigned=cut_by(pre_tokenizers.Split(Regex(r"\p{Cn}"), "isolated")),
                punctuation=cut_by(pre_tokenizers.Punctuation("isolated")),
                normalized={form: [forms[form].normalize_str(one) for one in texts] for form, texts in marked.items()})


def locate(package, table):
    found = importlib.util.find_spec(package)
    return dict(path=str(pathlib.Path(found.submodule_search_locations[0]) / table) if found else None)


def by_tiktoken(package, table, pattern, texts):
    import tiktoken

    text = pathlib.Path(locate(package, table)["path"]).read_text()
    if table.endswith(".json"):
        data = json.loads(text)
        config = data["config"]
        count = config["default_vocab_size"] - config["default_num_special_tokens"]
        ranks = {base64.b64decode(entry["token_bytes"]): entry["rank"] for entry in data["vocab"][:count]}
        pattern = config["pattern"]
    else:
        lines = text.split("\n")
        ranks = {base64.b64decode(token): int(rank) for token, rank in (line.split() for line in lines if line)}
    encoding = tiktoken.Encoding(table, pat_str=pattern, mergeable_ranks=ranks, special_tokens={})
    return dict(ids=[encoding.encode_ordinary(each) for each in texts])


COMMANDS = {"train": train, "encode": encode, "tables": tables, "locate": locate, "tiktoken": by_tiktoken}

if __name__ == "__main__":
    [(command, given)] = json.load(sys.stdin).items()
    json.dump(COMMANDS[command](**given), sys.stdout)
