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
    code = {
        "curl": _curl(request, address, file if kind == "file" else None),
        "javascript": _javascript(request, address, kind),
        "python": _python(request, address, kind, file),
    }
    return tuple(Snippet(key, language, code[key]) for key, language in LANGUAGES)


def _kind(media_type: str) -> str:
    if media_type in JSON_TYPES:
        return "json"
    if media_type == LINES_TYPE:
        return "lines"
    return "text" if media_type.startswith("text/") or media_type.endswith("+xml") else "file"


def _body(request: Request) -> str | None:
    return json.dumps(request["body"], ensure_ascii=False) if "body" in request else None


def _curl(request: Request, address: str, file: str | None) -> str:
    parts = [f"curl {shlex.quote(address)}"]
    if request.get("method") == "DELETE":
        parts.append("--request DELETE")
    for name, value in request.get("headers", {}).items():
        parts.append(f"--header {shlex.quote(f'{name}: {value}')}")
    if (body := _body(request)) is not None:
        parts.append("--header 'Content-Type: application/json'")
        parts.append(f"--data {shlex.quote(body)}")
    for name, value in request.get("form", {}).items():
        text = value if isinstance(value, str) else f"{value[1]};filename={value[0]}"
        parts.append(f"--form {shlex.quote(f'{name}={text}')}")
    if file:
        parts.append(f"--output {shlex.quote(file)}")
    return " \\\n  ".join(parts)


def _javascript(request: Request, address: str, kind: str) -> str:
    asked, before = json.dumps(address), ""
    if (body := _body(request)) is not None:
        asked += (
            ', {\n  method: "POST",\n  headers: { "Content-Type": "application/json" },'
            f"\n  body: JSON.stringify({body}),\n}}"
        )
    elif "form" in request:
        asked += ', { method: "POST", body: form }'
        before = "const form = new FormData();\n"
        for name, value in request["form"].items():
            given = json.dumps(value)
            if not isinstance(value, str):
                given = f"new Blob([{json.dumps(value[1])}]), {json.dumps(value[0])}"
            before += f"form.append({json.dumps(name)}, {given});\n"
    elif "headers" in request:
        asked += f', {{\n  method: "{request["method"]}",'
        asked += f"\n  headers: {json.dumps(request['headers'])},\n}}"
    printed = {
        "json": "await response.json()",
        "error": "response.status, await response.json()",
        "file": "await response.arrayBuffer()",
    }.get(kind, "await response.text()")
    return f"{before}const response = await fetch({asked});\nconsole.log({printed});"


PYTHON_ANSWERS = {
    "json": ("print(json.load(response))",),
    "lines": ("for line in response:", "    print(json.loads(line))"),
    "text": ("print(response.read().decode())",),
}


def _python(request: Request, address: str, kind: str, file: str) -> str:
    before = _python_request(request, json.dumps(address))
    imports = ["Request", "urlopen"] if before else ["urlopen"]
    asked = "request" if before else json.dumps(address)
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
    if kind in {"json", "lines", "error"} or "body" in request:
        heads.insert(0, "import json")
    return "\n".join([*heads, "", *before, *does])


def _python_request(request: Request, asked: str) -> list[str]:
    """Lines that make `request`; none for a plain GET."""
    if (body := _body(request)) is not None:
        return [
            f"body = {body}",
            f"request = Request({asked}, json.dumps(body).encode(),",
            '                  {"Content-Type": "application/json"})',
        ]
    if "form" in request:
        return [
            *_python_form(request["form"]),
            f"request = Request({asked}, body.encode(),",
            '                  {"Content-Type": "multipart/form-data; boundary=next"})',
        ]
    if "headers" not in request:
        return []
    return [
        f"request = Request({asked}, headers={json.dumps(request['headers'])},",
        f'                  method="{request["method"]}")',
    ]


def _python_form(form: Request) -> list[str]:
    """Lines that write a form into `body`, as it goes over the wire."""
    lines = ["body = ("]
    for name, value in form.items():
        named, text = f'name="{name}"', value
        if not isinstance(value, str):
            named, text = f'{named}; filename="{value[0]}"', value[1]
        head = f"--next\r\nContent-Disposition: form-data; {named}\r\n\r\n"
        lines += [f"    {head!r}", f"    {text!r}", "    '\\r\\n'"]
    return [*lines, "    '--next--\\r\\n'", ")"]
