"""Renders chat templates with jinja2 as transformers sets it up: a JSON job comes in, the texts as JSON go out."""

import datetime
import json
import sys

from jinja2 import nodes
from jinja2.exceptions import TemplateError
from jinja2.ext import Extension, loopcontrols
from jinja2.sandbox import ImmutableSandboxedEnvironment

job = json.load(sys.stdin)
NOW = datetime.datetime.fromisoformat(job["now"])


class Generation(Extension):
    """What stands between these tags is rendered as if they were not there."""

    tags = {"generation"}

    def parse(self, parser):
        line = next(parser.stream).lineno
        body = parser.parse_statements(["name:endgeneration"], drop_needle=True)
        return nodes.CallBlock(self.call_method("_said"), [], [], body).set_lineno(line)

    def _said(self, caller):
        return caller()


def refuse(message):
    raise TemplateError(message)


def tojson(value, ensure_ascii=False, indent=None, separators=None, sort_keys=False):
    return json.dumps(value, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys)


environment = ImmutableSandboxedEnvironment(
    trim_blocks=True, lstrip_blocks=True, extensions=[Generation, loopcontrols]
)
environment.filters["tojson"] = tojson
environment.globals["raise_exception"] = refuse
environment.globals["strftime_now"] = NOW.strftime


def rendered(template, values):
    try:
        return {"text": template.render(**values)}
    except Exception as error:
        return {"error": f"{type(error).__name__}: {error}"}


answers = []
for source in job["templates"]:
    try:
        template = environment.from_string(source)
    except Exception as error:
        answers.append([{"error": f"{type(error).__name__}: {error}"}] * len(job["conversations"]))
        continue
    answers.append([rendered(template, values) for values in job["conversations"]])
json.dump(answers, sys.stdout)
