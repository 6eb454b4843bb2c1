"""A request of the documentation as code to copy: curl, JavaScript and Python.

Each runs as it stands against the server that shows it, with nothing to install: Python's is of the
standard library, JavaScript's runs in a browser and in Node. Files are kept, the rest is printed.
"""

import json
import shlex
from dataclasses import dataclass
from typing import Any

Request = dict[str, Any]
LANGUAGES = (("curl", "curl"), ("javascript", "JavaScript"), ("python", "Python"))
JSON_TYPES = {"application/json", "application/problem+json"}
LINES_TYPE = "application/x-ndjson"


@dataclass(frozen=True)
class Snippet:
    """A request in one language: its key (which the style sheet picks by), its name, the code."""

    key: str
    language: str
    code: str


def snippets(request: Request, media_type: str, origin: str) -> tuple[Snippet, ...]:
    """The request in every language.

    media_type: of its answer. origin: scheme and host of the server to ask, without a slash.
    """
    address = origin + request["path"]
    kind = "error" if request["status"] >= 400 else _kind(media_type)
    file = request["path"].partition("?")[0].rsplit("/", 1)[1]
    body = json.dumps(request["body"], ensure_ascii=False) if "body" in request else None
    code = {
        "curl": _curl(address, body, file if kind == "file" else None),
        "javascript": _javascript(address, body, kind),
        "python": _python(address, body, kind, file),
    }
    return tuple(Snippet(key, language, code[key]) for key, language in LANGUAGES)


def _kind(media_type: str) -> str:
    if media_type in JSON_TYPES:
        return "json"
    if media_type == LINES_TYPE:
        return "lines"
    return "text" if media_type.startswith("text/") or media_type.endswith("+xml") else "file"


def _curl(address: str, body: str | None, file: str | None) -> str:
    parts = [f"curl {shlex.quote(address)}"]
    if body is not None:
        parts.append("--header 'Content-Type: application/json'")
        parts.append(f"--data {shlex.quote(body)}")
    if file:
        parts.append(f"--output {shlex.quote(file)}")
    return " \\\n  ".join(parts)


def _javascript(address: str, body: str | None, kind: str) -> str:
    asked = json.dumps(address)
    if body is not None:
        asked += (
            ', {\n  method: "POST",\n  headers: { "Content-Type": "application/json" },'
            f"\n  body: JSON.stringify({body}),\n}}"
        )
    printed = {
        "json": "await response.json()",
        "error": "response.status, await response.json()",
        "file": "await response.arrayBuffer()",
    }.get(kind, "await response.text()")
    return f"const response = await fetch({asked});\nconsole.log({printed});"


PYTHON_ANSWERS = {
    "json": ("print(json.load(response))",),
    "lines": ("for line in response:", "    print(json.loads(line))"),
    "text": ("print(response.read().decode())",),
}


def _python(address: str, body: str | None, kind: str, file: str) -> str:
    asked = json.dumps(address)
    imports = ["urlopen"]
    before: list[str] = []
    if body is not None:
        imports.insert(0, "Request")
        before = [
            f"body = {body}",
            f"request = Request({asked}, json.dumps(body).encode(),",
            '                  {"Content-Type": "application/json"})',
        ]
        asked = "request"
    heads = [f"from urllib.request import {', '.join(imports)}"]
    if kind == "error":
        heads.insert(0, "from urllib.error import HTTPError")
        does = ["try:", f"    urlopen({asked})", "except HTTPError as error:"]
        does.append("    print(error.code, json.load(error))")
    else:
        kept = (f'Path("{file}").write_bytes(response.read())',)
        does = [f"with urlopen({asked}) as response:"]
        does += [f"    {line}" for line in PYTHON_ANSWERS.get(kind, kept)]
    if kind == "file":
        heads.insert(0, "from pathlib import Path")
    if kind in {"json", "lines", "error"} or body is not None:
        heads.insert(0, "import json")
    return "\n".join([*heads, "", *before, *does])
