"""Tokens a second of vLLM on a model of random weights: FOLDER (with a config.json) TOKENS REQUESTS,REQUESTS,...

The last line of its output is a JSON object: {"version", "rows"}, or {"leftOut"} where vLLM cannot be imported.
"""

import json
import sys
import time


def main(folder, tokens, batches):
    try:
        import vllm
    except ImportError as error:
        return {"leftOut": f"vLLM cannot be imported: {error}"}
    model = vllm.LLM(
        model=folder,
        load_format="dummy",
        skip_tokenizer_init=True,
        dtype="float16",
        max_model_len=512,
        gpu_memory_utilization=0.8,
    )
    sampling = vllm.SamplingParams(
        temperature=0, max_tokens=tokens, min_tokens=tokens, ignore_eos=True, detokenize=False
    )
    rows = []
    for requests in batches:
        prompts = [{"prompt_token_ids": list(range(10 + i, 18 + i))} for i in range(requests)]
        model.generate(prompts, sampling, use_tqdm=False)
        started = time.perf_counter()
        model.generate(prompts, sampling, use_tqdm=False)
        seconds = time.perf_counter() - started
        rows.append({"requests": requests, "tokens a second": requests * tokens / seconds})
    return {"version": vllm.__version__, "rows": rows}


print(json.dumps(main(sys.argv[1], int(sys.argv[2]), [int(n) for n in sys.argv[3].split(",")])))
