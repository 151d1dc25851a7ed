"""The official Python client against a server's files and batches. Prints what it saw as one JSON object."""

import io
import json
import sys
import time

import openai

client = openai.OpenAI(base_url=sys.argv[1], api_key="none", max_retries=0)
ENDPOINT = "/v1/chat/completions"
LINES = 12


def line(i: int) -> str:
    body = {
        "model": "micro",
        "messages": [{"role": "user", "content": f"Line {i % 4}"}],
        "max_tokens": 6,
        "temperature": 9 if i % 6 == 5 else 0,
    }
    return json.dumps({"custom_id": f"r{i}", "method": "POST", "url": ENDPOINT, "body": body})


seen = {}
text = "\n".join(line(i) for i in range(LINES)) + "\n"
uploaded = client.files.create(file=("in.jsonl", io.BytesIO(text.encode())), purpose="batch")
seen["uploaded"] = [uploaded.object, uploaded.purpose, uploaded.bytes == len(text), uploaded.filename]
seen["same"] = client.files.content(uploaded.id).text == text

batch = client.batches.create(
    input_file_id=uploaded.id, endpoint=ENDPOINT, completion_window="24h", metadata={"team": "red"}
)
seen["made"] = [batch.object, batch.endpoint, batch.metadata]
while batch.status not in ("completed", "failed", "expired", "cancelled"):
    time.sleep(0.1)
    batch = client.batches.retrieve(batch.id)
seen["status"] = batch.status
seen["counts"] = batch.request_counts.model_dump()


def lines(file_id: str) -> list:
    return [json.loads(one) for one in client.files.content(file_id).text.splitlines()]


output, errors = lines(batch.output_file_id), lines(batch.error_file_id)
seen["output"] = sorted(one["custom_id"] for one in output)
seen["errors"] = sorted([one["custom_id"], one["response"]["status_code"]] for one in errors)
answer = next(one for one in output if one["custom_id"] == "r2")["response"]["body"]
seen["text"] = openai.types.chat.ChatCompletion.model_validate(answer).choices[0].message.content
direct = client.chat.completions.create(**json.loads(line(2))["body"])
seen["direct"] = direct.choices[0].message.content

seen["batches"] = [one.id == batch.id for one in client.batches.list(limit=1)]
seen["purposes"] = sorted(file.purpose for file in client.files.list())
second = client.batches.create(input_file_id=uploaded.id, endpoint=ENDPOINT, completion_window="24h")
seen["cancelled"] = client.batches.cancel(second.id).status in ("cancelling", "cancelled", "completed")
seen["deleted"] = client.files.delete(batch.output_file_id).deleted
try:
    client.files.retrieve(batch.output_file_id)
except openai.NotFoundError as error:
    seen["gone"] = error.status_code
broken = client.files.create(file=("in.jsonl", io.BytesIO(b"no json\n")), purpose="batch")
failing = client.batches.create(input_file_id=broken.id, endpoint=ENDPOINT, completion_window="24h")
while failing.status not in ("completed", "failed"):
    time.sleep(0.1)
    failing = client.batches.retrieve(failing.id)
seen["failed"] = [failing.status, failing.errors.data[0].code, failing.errors.data[0].line]

print(json.dumps(seen))
