"""The official Python client against a server: chat, stream, tools, JSON schema, abort, errors. Prints what it saw
as one JSON object."""

import json
import sys

import openai

client = openai.OpenAI(base_url=sys.argv[1], api_key="none", max_retries=0)
MODEL = "micro"
ASKED = [{"role": "user", "content": "Write a function that adds two numbers."}]
TOOL = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "Weather of a city",
        "parameters": {
            "type": "object",
            "properties": {
                "city": {"type": "string", "maxLength": 12},
                "days": {"type": "integer", "minimum": 1, "maximum": 7},
            },
            "required": ["city", "days"],
            "additionalProperties": False,
        },
    },
}
SCHEMA = {
    "type": "object",
    "properties": {"colour": {"enum": ["red", "green", "blue"]}, "sure": {"type": "boolean"}},
    "required": ["colour", "sure"],
    "additionalProperties": False,
}
NAMED = {"type": "function", "function": {"name": "get_weather"}}
seen = {}

whole = client.chat.completions.create(model=MODEL, messages=ASKED, temperature=0, max_tokens=30)
seen["chat"] = whole.choices[0].message.content
seen["usage"] = whole.usage.model_dump()

pieces, usage = [], None
for chunk in client.chat.completions.create(
    model=MODEL, messages=ASKED, temperature=0, max_tokens=30, stream=True, stream_options={"include_usage": True}
):
    pieces += [choice.delta.content or "" for choice in chunk.choices]
    usage = chunk.usage or usage
seen["stream"] = "".join(pieces)
seen["stream_usage"] = usage.model_dump()

CALL = dict(model=MODEL, messages=ASKED, temperature=0, max_tokens=100, tools=[TOOL], tool_choice=NAMED)
called = client.chat.completions.create(**CALL).choices[0]
call = called.message.tool_calls[0]
seen["tool"] = [called.finish_reason, call.function.name, json.loads(call.function.arguments)]
after = client.chat.completions.create(
    model=MODEL,
    temperature=0,
    max_tokens=10,
    tools=[TOOL],
    messages=[*ASKED, called.message, {"role": "tool", "tool_call_id": call.id, "content": "rain"}],
)
seen["after_tool"] = after.choices[0].finish_reason
with client.chat.completions.stream(**CALL) as stream:
    final = stream.get_final_completion().choices[0]
made = final.message.tool_calls[0].function
seen["tool_stream"] = [final.finish_reason, made.name, json.loads(made.arguments)]

shaped = client.chat.completions.create(
    model=MODEL,
    messages=ASKED,
    max_tokens=60,
    seed=1,
    response_format={"type": "json_schema", "json_schema": {"name": "answer", "schema": SCHEMA, "strict": True}},
)
seen["schema"] = json.loads(shaped.choices[0].message.content)

response = client.responses.create(model=MODEL, input=ASKED[0]["content"], temperature=0, max_output_tokens=30)
seen["response"] = response.output_text
seen["response_usage"] = response.usage.model_dump()
with client.responses.stream(model=MODEL, input=ASKED[0]["content"], temperature=0, max_output_tokens=30) as events:
    seen["response_stream"] = "".join(event.delta for event in events if event.type == "response.output_text.delta")

with client.chat.completions.create(
    model=MODEL, messages=ASKED, max_tokens=500, stream=True, extra_body={"ignore_eos": True}
) as left:
    next(iter(left))
seen["left"] = True

seen["models"] = [model.id for model in client.models.list()]
seen["model"] = client.models.retrieve(MODEL).id
seen["errors"] = {}
for name, ask in {
    "range": {"temperature": 9},
    "name": {"extra_body": {"temprature": 1}},
    "model": {"model": "nobody"},
    "tools": {"tools": [{**TOOL, "function": {"name": "f", "parameters": {"type": "string"}}}]},
}.items():
    try:
        client.chat.completions.create(**{"model": MODEL, "messages": ASKED, **ask})
        seen["errors"][name] = None
    except openai.APIStatusError as error:
        seen["errors"][name] = [type(error).__name__, error.status_code, error.param]

print(json.dumps(seen))
